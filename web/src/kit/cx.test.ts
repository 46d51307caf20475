import { expect, it } from 'vitest';
import { cx } from './cx.ts';

it('lets a later class win over an earlier one of the same kind', () => {
  expect(cx('size-7 rounded-md text-ink-3', 'size-6')).toBe('rounded-md text-ink-3 size-6');
  expect(cx('text-ink-2 text-meta', 'text-ink-3')).toBe('text-meta text-ink-3');
});
it('keeps what is only alike', () => {
  expect(cx('text-left text-meta font-mono', 'font-medium text-worse')).toBe('text-left text-meta font-mono font-medium text-worse');
  expect(cx('h-7 pointer-coarse:h-9 max-h-4', 'h-8')).toBe('pointer-coarse:h-9 max-h-4 h-8');
});
it('replaces under the same variants only', () => {
  expect(cx('pointer-coarse:h-9 hover:bg-hover', 'pointer-coarse:h-10')).toBe('hover:bg-hover pointer-coarse:h-10');
  expect(cx('data-[status=active]:bg-pressed', 'bg-page')).toBe('data-[status=active]:bg-pressed bg-page');
});
it('leaves out what is not there', () => {
  expect(cx('a', false, null, undefined, { b: false, c: true })).toBe('a c');
});

import { describe, expect, it } from 'vitest';
import { formatAgo, formatBytes, formatCount, formatDuration, formatMoney, formatShare, formatShort, shortId } from './format.ts';

const plain = (text: string) => text.replaceAll('\u202f', ' ');

describe('numbers as they are read', () => {
  it.each([
    [0, '$0'],
    [0.00000462, '$0.0000046'],
    [0.0123, '$0.012'],
    [0.42, '$0.42'],
    [1204.5, '$1,204.50'],
    [null, '–'],
  ])('money of %s is %s', (usd, text) => expect(formatMoney(usd)).toBe(text));
  it.each([
    [0.2, '<1 ms'],
    [340.4, '340 ms'],
    [1240, '1.24 s'],
    [59_960, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [null, '–'],
  ])('a time of %s ms is %s', (ms, text) => expect(plain(formatDuration(ms))).toBe(text));
  it('keeps counts exact up to a million', () => {
    expect(formatCount(12_400)).toBe('12,400');
    expect(plain(formatCount(1_240_000))).toBe('1.24 M');
    expect(formatShort(12_400)).toBe('12k');
  });
  it('shows small and large shares with a digit, the ends without', () => {
    expect([0, 0.004, 0.12, 0.996, 1].map((share) => plain(formatShare(share)))).toEqual(['0 %', '0.4 %', '12 %', '99.6 %', '100 %']);
  });
  it('says bytes in powers of a thousand', () => {
    expect([950, 1_500, 79_234_293_760].map((bytes) => plain(formatBytes(bytes)))).toEqual(['950 B', '1.5 KB', '79 GB']);
  });
});

describe('times as they are read', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  it.each([
    ['2026-11-23T11:59:58Z', 'now'],
    ['2026-11-23T11:56:00Z', '4 min ago'],
    ['2026-11-20T12:00:00Z', '3 d ago'],
    ['2026-10-03T12:00:00Z', '3 Oct'],
    ['2025-10-03T12:00:00Z', '3 Oct 2025'],
    ['2026-11-23T14:00:00Z', 'in 2 h'],
  ])('%s is %s', (at, text) => expect(plain(formatAgo(at, now))).toBe(text));
});

it('tells ids apart by their ends', () => {
  expect(shortId('log_8DpeTJvFomQzY7qDcpuhu')).toBe('qDcpuhu');
  expect(shortId('mine')).toBe('mine');
});

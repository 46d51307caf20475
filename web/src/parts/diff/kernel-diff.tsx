import type { FileKind, Kernels } from '@whetstone/contract';
import { diffKernels, type KernelChange } from '@whetstone/domain';
import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';
import { TextDiff } from './text-diff.tsx';

/** What differs between two versions: texts side by side, everything else as before and after. */
export function KernelDiff({ before, after }: { before: Kernels[FileKind]; after: Kernels[FileKind] }): ReactNode {
  const changes = diffKernels(before, after);
  if (changes.length === 0) return <p className="py-6 text-ink-3">Both are the same, to the letter.</p>;
  const texts = changes.filter(isText);
  const values = changes.filter((change) => !isText(change));
  return (
    <div className="flex flex-col gap-5">
      {values.length > 0 && (
        <table className="w-full border-collapse">
          <thead className="text-left text-meta text-ink-3">
            <tr className="border-b border-line">
              <th className="w-2/5 py-1.5 font-normal">What</th>
              <th className="py-1.5 font-normal">Before</th>
              <th className="py-1.5 font-normal">After</th>
            </tr>
          </thead>
          <tbody>
            {values.map((change) => (
              <tr key={change.path} className="border-b border-line align-top">
                <td className="py-1.5 pr-3">
                  <code className="wrap-anywhere">{change.path}</code>
                </td>
                <Value value={change.before} tint={change.kind === 'added' ? '' : 'text-worse'} />
                <Value value={change.after} tint={change.kind === 'removed' ? '' : 'text-better'} />
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {texts.map((change) => (
        <section key={change.path}>
          <h3 className="mb-1.5 flex items-baseline gap-2">
            <span className="font-medium">{titleOf(change.path)}</span>
            <span className="text-meta text-ink-3">{change.kind}</span>
          </h3>
          <TextDiff
            before={textOf(change.before)}
            after={textOf(change.after)}
            mono={typeof (change.after ?? change.before) !== 'string'}
          />
        </section>
      ))}
    </div>
  );
}

function Value({ value, tint }: { value: unknown; tint: string }): ReactNode {
  return (
    <td className={cx('num py-1.5 pr-3 wrap-anywhere', value === undefined || value === null ? 'text-ink-3' : tint)}>
      {value === undefined || value === null ? 'not set' : typeof value === 'string' ? value : JSON.stringify(value)}
    </td>
  );
}

/** Longer than a line, or with structure: shown as text. */
function isText(change: KernelChange): boolean {
  return [change.before, change.after].some(
    (value) =>
      (typeof value === 'string' && (value.length > 60 || value.includes('\n') || change.path.startsWith('template'))) ||
      (typeof value === 'object' && value !== null),
  );
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (isMessage(value)) return `${value.role}:\n${value.content}`;
  return JSON.stringify(value, null, 2);
}
function isMessage(value: unknown): value is { role: string; content: string } {
  return typeof value === 'object' && value !== null && 'role' in value && 'content' in value && typeof value.content === 'string';
}

/** `template[0].content` is the first message. */
function titleOf(path: string): string {
  const message = /^template\[(\d+)\](?:\.content)?$/.exec(path);
  if (message) return `Message ${Number(message[1]) + 1}`;
  return path === 'template' ? 'Template' : path;
}

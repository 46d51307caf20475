import type { FileKind, Kernels } from '@whetstone/contract';
import { diffKernels, type KernelChange } from '@whetstone/domain';
import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';
import { LoggedImage } from '../log/image.tsx';
import { imagesIn, isProse, isText, textOf, titleOf } from './change-text.ts';
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
          <Pictures change={change} />
          <TextDiff before={textOf(change.before)} after={textOf(change.after)} mono={!isProse(change.after ?? change.before)} />
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

/** The pictures themselves, above what is said of them. */
function Pictures({ change }: { change: KernelChange }): ReactNode {
  const [before, after] = [imagesIn(change, 'before'), imagesIn(change, 'after')];
  if (before.length + after.length === 0) return null;
  return (
    <div className="mb-1.5 grid grid-cols-2 gap-3">
      {[before, after].map((urls, side) => (
        <div key={side} className="flex min-w-0 flex-wrap gap-2">
          {urls.map((url, at) => (
            <LoggedImage key={at} url={url} alt={`Image ${at + 1} ${side === 0 ? 'before' : 'after'}`} className="max-h-40" />
          ))}
          {urls.length === 0 && <span className="text-meta text-ink-3">no image</span>}
        </div>
      ))}
    </div>
  );
}

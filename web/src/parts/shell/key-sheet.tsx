import type { ReactNode } from 'react';
import { Dialog } from '../../kit/dialog.tsx';
import { Keys } from '../../kit/keys.tsx';

const sheets: { title: string; keys: [keys: string, does: string][] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['mod+k', 'Find anything, do anything'],
      ['?', 'This sheet'],
      ['[', 'Show or hide the side bar'],
      ['g h', 'Home'],
      ['g l', 'Logs'],
      ['g f', 'Files'],
      ['g e', 'Evaluations'],
      ['g x', 'Experiments'],
      ['g v', 'Feedback'],
      ['g r', 'Review'],
      ['g s', 'Settings'],
      ['g n', 'Connect an application'],
    ],
  },
  {
    title: 'Logs',
    keys: [
      ['/', 'Filter'],
      ['j', 'Next log'],
      ['k', 'Previous log'],
      ['x', 'Select'],
      ['enter', 'Open; again for a page'],
      ['escape', 'Close'],
      ['e', 'Open in the playground'],
      ['g g', 'Judge good'],
      ['g b', 'Judge bad'],
      ['m', 'Markdown or raw text'],
    ],
  },
  {
    title: 'Evaluation',
    keys: [
      ['j', 'Next case'],
      ['k', 'Previous case'],
      ['enter', 'Open the case'],
      ['escape', 'Close it'],
      ['e', 'Open its log in the playground'],
      ['a', 'Add its answer to a dataset'],
    ],
  },
  {
    title: 'Prompt editor and playground',
    keys: [
      ['mod+enter', 'Run'],
      ['mod+s', 'Save as a version'],
      ['escape', 'Stop a run'],
    ],
  },
];

export default function KeySheet({ open, onClose }: { open: boolean; onClose: () => void }): ReactNode {
  return (
    <Dialog open={open} onClose={onClose} title="Keys" width="max-w-2xl">
      <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
        {sheets.map((sheet) => (
          <section key={sheet.title}>
            <h3 className="mb-1.5 text-meta text-ink-3">{sheet.title}</h3>
            <dl>
              {sheet.keys.map(([keys, does]) => (
                <div key={keys} className="flex h-7 items-center justify-between gap-4">
                  <dd>{does}</dd>
                  <dt>
                    <Keys keys={keys} />
                  </dt>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

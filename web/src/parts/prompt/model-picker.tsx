import { ChevronsUpDown } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { Button } from '../../kit/button.tsx';
import { cx } from '../../kit/cx.ts';
import { Input } from '../../kit/field.tsx';
import { Popover } from '../../kit/popover.tsx';

type Choice = Answer<'models.list'>['records'][number];

/** The model, from those that the workspace can call, or any other by its name. */
export function ModelPicker({
  model,
  provider,
  choices,
  routes,
  onChange,
}: {
  model: string;
  provider: string | null;
  choices: Choice[];
  /** Names that stand for an order of models. */
  routes: readonly string[];
  onChange: (model: string, provider: string | null) => void;
}): ReactNode {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const words = text.toLowerCase();
  const found = choices
    .filter((choice) => `${choice.credential} ${choice.model}`.toLowerCase().includes(words))
    .toSorted((a, b) => Number(b.available) - Number(a.available));
  const routesFound = routes.filter((name) => name.toLowerCase().includes(words));
  const groups = [...new Set(found.map((choice) => choice.credential))];
  const current = choices.find(
    (choice) => choice.model === model && (provider === null || choice.provider === provider || choice.credential === provider),
  );
  const take = (next: string, from: string | null) => {
    onChange(next, from);
    setOpen(false);
    setText('');
  };
  const takeFirst = () => {
    const [route] = routesFound;
    if (route === undefined) take(found[0]?.model ?? text, found[0]?.credential ?? null);
    else take(route, null);
  };
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      className="flex w-[min(340px,calc(100vw-16px))] flex-col p-1.5"
      trigger={
        <Button look="quiet" className="text-ink">
          <span className="sr-only">Model</span>
          <span className="font-medium">{model === '' ? 'Choose a model' : model}</span>
          {current?.simulated === true && <span className="text-meta text-ink-3">simulated</span>}
          {current?.available === false && <span className="text-meta text-undecided">no key</span>}
          <ChevronsUpDown size={12} strokeWidth={1.5} className="text-ink-3" aria-hidden />
        </Button>
      }
    >
      <Input
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder="Find, or name any model"
        autoFocus
        className="mb-1.5"
        onKeyDown={(event) => event.key === 'Enter' && text !== '' && takeFirst()}
      />
      <div className="max-h-80 overflow-y-auto">
        {routesFound.length > 0 && (
          <section>
            <h3 className="px-2 pt-1.5 pb-0.5 text-meta text-ink-3">Routes</h3>
            {routesFound.map((name) => (
              <button
                key={name}
                type="button"
                onClick={() => take(name, null)}
                className={cx(
                  'flex h-7 w-full items-center rounded-sm px-2 text-left hover:bg-hover pointer-coarse:h-10',
                  provider === null && name === model && 'bg-pressed font-medium',
                )}
              >
                <span className="min-w-0 flex-1 truncate">{name}</span>
              </button>
            ))}
          </section>
        )}
        {groups.map((group) => (
          <section key={group}>
            <h3 className="px-2 pt-1.5 pb-0.5 text-meta text-ink-3">{group}</h3>
            {found
              .filter((choice) => choice.credential === group)
              .map((choice) => (
                <button
                  key={choice.model}
                  type="button"
                  onClick={() => take(choice.model, choice.credential)}
                  className={cx(
                    'flex h-7 w-full items-center gap-2 rounded-sm px-2 text-left hover:bg-hover pointer-coarse:h-10',
                    choice.model === model && 'bg-pressed font-medium',
                    !choice.available && 'text-ink-3',
                  )}
                >
                  <span className="min-w-0 flex-1 truncate">{choice.model}</span>
                  <span className="text-meta text-ink-3">{choice.simulated ? 'simulated' : choice.available ? '' : 'needs a key'}</span>
                </button>
              ))}
          </section>
        ))}
        {text !== '' && !routes.includes(text) && !found.some((choice) => choice.model === text) && (
          <button
            type="button"
            onClick={() => take(text, null)}
            className="mt-1 flex h-7 w-full items-center rounded-sm px-2 text-left hover:bg-hover"
          >
            Use “{text}”
          </button>
        )}
      </div>
    </Popover>
  );
}

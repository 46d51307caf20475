import { useQuery } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button, IconButton } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { useMay } from '../../parts/session.ts';
import { useAction } from '../../parts/use-action.ts';
import { Loaded, Panel } from './panel.tsx';

type Price = Answer<'prices.list'>['records'][number];
const blank: Price = { model: '', provider: 'openai', input_per_million: null, output_per_million: null, source: 'workspace' };

export function PriceSettings(): ReactNode {
  const admin = useMay('admin');
  const prices = useQuery(query('prices.list'));
  const [text, setText] = useState('');
  const [editing, setEditing] = useState<Price | null>(null);
  const { run } = useAction('The price was not reset', ['prices.list']);
  const amount = (value: number | null | undefined) =>
    value === null || value === undefined ? <span className="text-ink-3">–</span> : `$${value}`;
  return (
    <Panel
      title="Prices"
      about="USD per million tokens, by which the cost of a call is counted. A row of yours replaces the one that came with Whetstone. A model without a price has no cost, not zero."
      action={admin && <Button onClick={() => setEditing(blank)}>Add price</Button>}
    >
      <Input
        aria-label="Find a model"
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder="Find a model"
        className="mb-3 max-w-sm"
      />
      <Loaded query={prices} rows={8}>
        {({ records }) => (
          <div className="overflow-x-auto">
            <table className="w-full min-w-130 border-collapse">
              <thead className="text-left text-meta text-ink-3">
                <tr className="border-b border-line *:py-1.5 *:pl-4 *:font-normal *:first:pl-0">
                  <th>Model</th>
                  <th>Provider</th>
                  <th className="w-20 text-right">Input</th>
                  <th className="w-20 text-right">Cached</th>
                  <th className="w-20 text-right">Output</th>
                  <th className="w-28" />
                </tr>
              </thead>
              <tbody>
                {records
                  .filter((price) => `${price.provider} ${price.model}`.toLowerCase().includes(text.toLowerCase()))
                  .map((price) => (
                    <tr key={`${price.provider} ${price.model}`} className="group/row h-8 border-b border-line">
                      <td className="pr-3">
                        <code>{price.model}</code> {price.source === 'workspace' && <Badge tone="accent">yours</Badge>}
                      </td>
                      <td className="pl-4 text-ink-2">{price.provider}</td>
                      <td className="num pl-4 text-right">{amount(price.input_per_million)}</td>
                      <td className="num pl-4 text-right">{amount(price.cached_input_per_million)}</td>
                      <td className="num pl-4 text-right">{amount(price.output_per_million)}</td>
                      <td className="text-right">
                        {admin && (
                          <span className="inline-flex items-center justify-end opacity-0 group-focus-within/row:opacity-100 group-hover/row:opacity-100 pointer-coarse:opacity-100">
                            {price.source === 'workspace' && (
                              <IconButton
                                icon={RotateCcw}
                                label="Take your price back"
                                onClick={() =>
                                  void run(
                                    () => call('prices.reset', { query: { model: price.model, provider: price.provider } }),
                                    'Price reset',
                                  )
                                }
                                className="size-6"
                              />
                            )}
                            <Button size="sm" look="quiet" onClick={() => setEditing(price)}>
                              Change
                            </Button>
                          </span>
                        )}
                      </td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
      {editing !== null && <PriceDialog price={editing} onClose={() => setEditing(null)} />}
    </Panel>
  );
}

function PriceDialog({ price, onClose }: { price: Price; onClose: () => void }): ReactNode {
  const [draft, setDraft] = useState(price);
  const { busy, run } = useAction('The price was not set', ['prices.list']);
  const isNew = price.model === '';
  const number = (text: string) => (text === '' ? null : Math.max(0, Number(text)));
  const save = async () => {
    if (await run(() => call('prices.set', { body: { ...draft, model: draft.model.trim(), source: 'workspace' } }), 'Price set')) onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={isNew ? 'Add a price' : price.model}
      description="USD per million tokens. It counts for calls from now on."
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {isNew && (
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Model" hint="A star at its end stands for anything.">
              {(props) => (
                <Input
                  {...props}
                  required
                  autoFocus
                  value={draft.model}
                  onChange={(event) => setDraft({ ...draft, model: event.target.value })}
                  placeholder="my-model*"
                  className="font-mono"
                />
              )}
            </Field>
            <Field label="Provider">
              {(props) => (
                <Input
                  {...props}
                  required
                  value={draft.provider}
                  onChange={(event) => setDraft({ ...draft, provider: event.target.value })}
                />
              )}
            </Field>
          </div>
        )}
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label="Input">
            {(props) => (
              <Input
                {...props}
                type="number"
                min={0}
                step="any"
                value={draft.input_per_million ?? ''}
                onChange={(event) => setDraft({ ...draft, input_per_million: number(event.target.value) })}
                className="num"
              />
            )}
          </Field>
          <Field label="Cached input">
            {(props) => (
              <Input
                {...props}
                type="number"
                min={0}
                step="any"
                value={draft.cached_input_per_million ?? ''}
                onChange={(event) => setDraft({ ...draft, cached_input_per_million: number(event.target.value) })}
                className="num"
              />
            )}
          </Field>
          <Field label="Output">
            {(props) => (
              <Input
                {...props}
                type="number"
                min={0}
                step="any"
                value={draft.output_per_million ?? ''}
                onChange={(event) => setDraft({ ...draft, output_per_million: number(event.target.value) })}
                className="num"
              />
            )}
          </Field>
        </div>
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy}>
            Set price
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Ellipsis } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button, IconButton } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Menu, MenuItem } from '../../kit/menu.tsx';
import { useMay } from '../../parts/session.ts';
import { useAction } from '../../parts/use-action.ts';
import { Loaded, Panel } from './panel.tsx';

type Price = Answer<'prices.list'>['records'][number];
const blank: Price = { model: '', provider: 'openai', input_per_million: null, output_per_million: null, source: 'workspace' };

/** The three amounts of a price, in USD per million tokens. */
const amounts = [
  { field: 'input_per_million', label: 'Input' },
  { field: 'cached_input_per_million', label: 'Cached input' },
  { field: 'output_per_million', label: 'Output' },
] as const;

export function PriceSettings(): ReactNode {
  const admin = useMay('admin');
  const prices = useQuery(query('prices.list'));
  const [text, setText] = useState('');
  const [editing, setEditing] = useState<Price | null>(null);
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
          <table className="w-full border-collapse">
            <thead className="text-left text-meta text-ink-3">
              <tr className="border-b border-line *:py-1.5 *:pl-3 *:font-normal *:first:pl-0">
                <th>Model</th>
                {amounts.map(({ field, label }) => (
                  <th key={field} className="text-right sm:w-24">
                    {label}
                  </th>
                ))}
                {admin && (
                  <th className="w-10">
                    <span className="sr-only">Change</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {records
                .filter((price) => `${price.provider} ${price.model}`.toLowerCase().includes(text.toLowerCase()))
                .map((price) => (
                  <PriceRow key={`${price.provider} ${price.model}`} price={price} onChange={admin ? () => setEditing(price) : null} />
                ))}
            </tbody>
          </table>
        )}
      </Loaded>
      {editing !== null && <PriceDialog price={editing} onClose={() => setEditing(null)} />}
    </Panel>
  );
}

function PriceRow({ price, onChange }: { price: Price; onChange: (() => void) | null }): ReactNode {
  const { run } = useAction('The price was not reset', ['prices.list']);
  const yours = price.source === 'workspace';
  const reset = () => void run(() => call('prices.reset', { query: { model: price.model, provider: price.provider } }), 'Price reset');
  return (
    <tr className="h-9 border-b border-line">
      <td className="py-1">
        <span className="flex flex-wrap items-center gap-x-2">
          <code className="wrap-anywhere">{price.model}</code>
          <span className="text-meta text-ink-3">{price.provider}</span>
          {yours && <Badge tone="accent">yours</Badge>}
        </span>
      </td>
      {amounts.map(({ field }) => (
        <td key={field} className="num pl-3 text-right">
          {price[field] == null ? <span className="text-ink-3">–</span> : `$${price[field]}`}
        </td>
      ))}
      {onChange && (
        <td className="text-right">
          <Menu trigger={<IconButton icon={Ellipsis} label={`Change the price of ${price.model}`} />}>
            <MenuItem onSelect={onChange}>Change</MenuItem>
            {yours && <MenuItem onSelect={reset}>Take your price back</MenuItem>}
          </Menu>
        </td>
      )}
    </tr>
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
          {amounts.map(({ field, label }) => (
            <Field key={field} label={label}>
              {(props) => (
                <Input
                  {...props}
                  type="number"
                  min={0}
                  step="any"
                  value={draft[field] ?? ''}
                  onChange={(event) => setDraft({ ...draft, [field]: number(event.target.value) })}
                  className="num"
                />
              )}
            </Field>
          ))}
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

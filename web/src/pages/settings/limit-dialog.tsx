import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { Button } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Select } from '../../kit/select.tsx';
import { useAction } from '../../parts/use-action.ts';

type Limit = Answer<'limits.list'>['records'][number];
type Key = Answer<'api_keys.list'>['records'][number];
type Whom = 'key' | 'everyone' | 'user';

const amounts = [
  { name: 'requests_per_minute', label: 'Requests a minute', min: 1, step: 1 },
  { name: 'tokens_per_minute', label: 'Tokens a minute', min: 1, step: 1 },
  { name: 'usd_per_day', label: 'USD a day', min: 0, step: 'any' },
  { name: 'usd_per_month', label: 'USD a month', min: 0, step: 'any' },
] as const;
type Amounts = Record<(typeof amounts)[number]['name'], number | null>;

export function LimitDialog({ limit, keys, onClose }: { limit: Limit | null; keys: readonly Key[]; onClose: () => void }): ReactNode {
  const [whom, setWhom] = useState<Whom>(limit === null || limit.subject === 'key' ? 'key' : limit.id === '*' ? 'everyone' : 'user');
  const [key, setKey] = useState(limit?.subject === 'key' ? limit.id : (keys[0]?.id ?? ''));
  const [user, setUser] = useState(limit?.subject === 'user' ? limit.id : '');
  const [given, setGiven] = useState<Amounts>({
    requests_per_minute: limit?.requests_per_minute ?? null,
    tokens_per_minute: limit?.tokens_per_minute ?? null,
    usd_per_day: limit?.usd_per_day ?? null,
    usd_per_month: limit?.usd_per_month ?? null,
  });
  const { busy, run } = useAction('The limit was not set', ['limits.list']);
  const id = whom === 'key' ? key : whom === 'everyone' ? '*' : user.trim();
  const empty = Object.values(given).every((value) => value === null);
  const save = async () => {
    const body = { subject: whom === 'key' ? ('key' as const) : ('user' as const), id, ...given };
    if (await run(() => call('limits.set', { body }), 'Limit set')) onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={limit === null ? 'Add a limit' : 'Change the limit'}
      description="What is left empty is not limited. Days and months are those of UTC."
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {limit === null && (
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Of">
              {(props) => (
                <Select
                  id={props.id}
                  value={whom}
                  options={[
                    { value: 'key', label: 'An API key' },
                    { value: 'everyone', label: 'Every end user' },
                    { value: 'user', label: 'One end user' },
                  ]}
                  onChange={setWhom}
                />
              )}
            </Field>
            {whom === 'key' && (
              <Field label="Key">
                {(props) => (
                  <Select
                    id={props.id}
                    value={key}
                    options={keys.map((one) => ({ value: one.id, label: `${one.name} (${one.prefix}…)` }))}
                    onChange={setKey}
                  />
                )}
              </Field>
            )}
            {whom === 'user' && (
              <Field label="User" hint="As calls name them.">
                {(props) => <Input {...props} required value={user} onChange={(event) => setUser(event.target.value)} maxLength={512} />}
              </Field>
            )}
          </div>
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          {amounts.map(({ name, label, min, step }) => (
            <Field key={name} label={label}>
              {(props) => (
                <Input
                  {...props}
                  type="number"
                  min={min}
                  step={step}
                  value={given[name] ?? ''}
                  onChange={(event) => setGiven({ ...given, [name]: event.target.value === '' ? null : Number(event.target.value) })}
                  className="num"
                />
              )}
            </Field>
          ))}
        </div>
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy} disabled={empty || id === ''}>
            Set limit
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

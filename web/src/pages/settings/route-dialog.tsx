import { useQuery } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Button, IconButton } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Select } from '../../kit/select.tsx';
import { useAction } from '../../parts/use-action.ts';
import { isService } from './credential-dialog.tsx';

type Route = Answer<'routes.list'>['records'][number];
type Target = Route['targets'][number] & { key: number };

const blank = { model: '', credential: null, weight: 0, retries: 0, timeout_seconds: null };

export function RouteDialog({ route, onClose }: { route: Route | null; onClose: () => void }): ReactNode {
  const [name, setName] = useState(route?.name ?? '');
  const [cache, setCache] = useState(route?.cache_ttl_seconds ?? null);
  const [targets, setTargets] = useState<Target[]>(() => (route?.targets ?? [blank]).map((target, key) => ({ ...target, key })));
  const { busy, run } = useAction('The route was not kept', ['routes.list']);
  const save = async () => {
    const body = {
      targets: targets.map(({ key: _key, ...target }) => ({ ...target, model: target.model.trim() })),
      cache_ttl_seconds: cache,
    };
    if (await run(() => call('routes.set', { params: { name: name.trim() }, body }), 'Route kept')) onClose();
  };
  const change = (key: number, next: Partial<Target>) =>
    setTargets(targets.map((target) => (target.key === key ? { ...target, ...next } : target)));
  const move = (from: number, to: number) => {
    const next = [...targets];
    next.splice(to, 0, ...next.splice(from, 1));
    setTargets(next);
  };
  const add = () => setTargets([...targets, { ...blank, key: Math.max(...targets.map(({ key }) => key)) + 1 }]);
  return (
    <Dialog
      open
      onClose={onClose}
      width="max-w-2xl"
      title={route === null ? 'Add a route' : `Change ${route.name}`}
      description="Targets with a weight share the calls in proportion to it. Where one fails, the others follow in this order."
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {route === null && (
          <Field label="Name" hint="Calls and prompts say it in place of a model.">
            {(props) => (
              <Input
                {...props}
                required
                autoFocus
                value={name}
                onChange={(event) => setName(event.target.value)}
                pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
                maxLength={64}
                placeholder="main"
                spellCheck={false}
                className="font-mono"
              />
            )}
          </Field>
        )}
        <ol className="flex flex-col gap-3">
          {targets.map((target, index) => (
            <TargetFields
              key={target.key}
              target={target}
              place={index + 1}
              last={index === targets.length - 1}
              onChange={(next) => change(target.key, next)}
              onMove={(by) => move(index, index + by)}
              onRemove={targets.length === 1 ? null : () => setTargets(targets.filter(({ key }) => key !== target.key))}
            />
          ))}
        </ol>
        <Button icon={Plus} onClick={add} className="self-start" disabled={targets.length >= 20}>
          Add target
        </Button>
        <Field label="Cache answers for, in seconds (optional)" hint="Equal requests get the answer that was given before, for nothing.">
          {(props) => (
            <Input {...props} {...amount(cache, setCache)} min={1} max={2_592_000} className="num max-w-40" placeholder="not cached" />
          )}
        </Field>
        <DialogActions className="mt-0">
          <Button
            type="submit"
            look="primary"
            busy={busy}
            disabled={name.trim() === '' || targets.some(({ model }) => model.trim() === '')}
          >
            {route === null ? 'Add route' : 'Keep changes'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function TargetFields({
  target,
  place,
  last,
  onChange,
  onMove,
  onRemove,
}: {
  target: Target;
  place: number;
  last: boolean;
  onChange: (next: Partial<Target>) => void;
  onMove: (by: 1 | -1) => void;
  onRemove: (() => void) | null;
}): ReactNode {
  const credentials = useQuery(query('credentials.list'));
  const names = [...new Set((credentials.data?.records ?? []).filter(({ provider }) => !isService(provider)).map((one) => one.name))];
  const options = [{ value: '', label: 'By the model’s name' }, ...names.map((value) => ({ value, label: value }))];
  const given = target.credential ?? '';
  return (
    <li className="rounded-md p-3 shadow-[inset_0_0_0_1px_var(--line)]">
      <div className="mb-2 flex items-center gap-1">
        <span className="flex-1 font-medium">{place}. target</span>
        <IconButton icon={ArrowUp} label="Earlier" disabled={place === 1} onClick={() => onMove(-1)} className="size-7" />
        <IconButton icon={ArrowDown} label="Later" disabled={last} onClick={() => onMove(1)} className="size-7" />
        <IconButton icon={X} label="Remove" disabled={onRemove === null} onClick={() => onRemove?.()} className="size-7" />
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Model">
          {(props) => (
            <Input
              {...props}
              required
              value={target.model}
              onChange={(event) => onChange({ model: event.target.value })}
              placeholder="gpt-4o"
              maxLength={200}
              spellCheck={false}
              className="font-mono text-[12px]"
            />
          )}
        </Field>
        <Field label="Credential">
          {({ id }) => (
            <Select
              id={id}
              value={given}
              options={given === '' || names.includes(given) ? options : [...options, { value: given, label: given }]}
              onChange={(value) => onChange({ credential: value === '' ? null : value })}
            />
          )}
        </Field>
      </div>
      <div className="mt-3 grid grid-cols-3 gap-3">
        <Field label="Weight" hint="0: only after others">
          {(props) => (
            <Input
              {...props}
              {...amount(target.weight, (weight) => onChange({ weight: weight ?? 0 }))}
              min={0}
              max={1000}
              className="num"
            />
          )}
        </Field>
        <Field label="Retries">
          {(props) => (
            <Input
              {...props}
              {...amount(target.retries, (retries) => onChange({ retries: retries ?? 0 }))}
              min={0}
              max={5}
              className="num"
            />
          )}
        </Field>
        <Field label="Time-out, s">
          {(props) => (
            <Input
              {...props}
              {...amount(target.timeout_seconds ?? null, (seconds) => onChange({ timeout_seconds: seconds }))}
              min={1}
              max={900}
              placeholder="none"
              className="num"
            />
          )}
        </Field>
      </div>
    </li>
  );
}

/** A number, or nothing. */
function amount(value: number | null, onChange: (value: number | null) => void) {
  return {
    type: 'number' as const,
    step: 1,
    value: value ?? '',
    onChange: (event: { target: { value: string } }) => onChange(event.target.value === '' ? null : Number(event.target.value)),
  };
}

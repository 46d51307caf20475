import type { OtelRule } from '@whetstone/contract';
import { Plus, X } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { Button, IconButton } from '../../../kit/button.tsx';
import { cx } from '../../../kit/cx.ts';
import { Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { Select } from '../../../kit/select.tsx';
import { RuleText } from './rule-text.tsx';
import { kindWords, shadowedBy } from './rule-words.ts';

type Condition = OtelRule['when'][number];
const blankCondition: Condition = { attribute: 'service.name', is: 'equal', value: '' };
export const blankRule: OtelRule = { kind: 'prompt', when: [blankCondition], path: '' };

const kinds = [
  { value: 'any', label: 'Spans of all kinds' },
  ...(['prompt', 'tool', 'flow'] as const).map((kind) => ({ value: kind, label: `${kindWords[kind].many} (${kindWords[kind].hint})` })),
];
const tests = [
  { value: 'equal', label: 'is' },
  { value: 'starting', label: 'starts with' },
  { value: 'containing', label: 'contains' },
  { value: 'present', label: 'is there' },
] as const;
/** What people sort by; anything else can be typed. */
const usual = [
  'service.name',
  'span.name',
  'scope.name',
  'deployment.environment.name',
  'gen_ai.request.model',
  'gen_ai.agent.name',
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.tool.name',
  'ai.telemetry.functionId',
  'user.id',
];

/** One rule: what spans it takes and where they go, with a sentence that says what that means. */
export function RuleDialog({
  at,
  rule: first,
  rules,
  onSave,
  onClose,
}: {
  /** Its place in the list; null when it is new and comes last. */
  at: number | null;
  rule: OtelRule;
  rules: readonly OtelRule[];
  onSave: (rule: OtelRule) => Promise<boolean>;
  onClose: () => void;
}): ReactNode {
  const [rule, setRule] = useState(first);
  const [keys, setKeys] = useState(() => first.when.map((_, index) => index));
  const [busy, setBusy] = useState(false);
  const change = (index: number, next: Partial<Condition>) =>
    setRule({ ...rule, when: rule.when.with(index, { ...blankCondition, ...rule.when[index], ...next }) });
  const add = () => {
    setRule({ ...rule, when: [...rule.when, { ...blankCondition, attribute: '' }] });
    setKeys([...keys, Math.max(...keys) + 1]);
  };
  const drop = (index: number) => {
    setRule({ ...rule, when: rule.when.toSpliced(index, 1) });
    setKeys(keys.toSpliced(index, 1));
  };
  const save = async () => {
    setBusy(true);
    const kept = await onSave(trimmed(rule));
    setBusy(false);
    if (kept) onClose();
  };
  const place = at ?? rules.length;
  const under = isWhole(rule) ? shadowedBy(at === null ? [...rules, rule] : rules.with(at, rule), place) : null;
  return (
    <Dialog
      open
      onClose={onClose}
      width="max-w-2xl"
      title={at === null ? 'Add a rule' : `Change rule ${at + 1}`}
      description="All conditions must hold. What the span says itself comes before every rule."
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label="Take">
          {({ id }) => (
            <Select
              id={id}
              value={rule.kind ?? 'any'}
              options={kinds}
              onChange={(kind) => setRule({ ...rule, kind: kind === 'any' ? null : (kind as 'prompt' | 'tool' | 'flow') })}
            />
          )}
        </Field>
        <fieldset>
          <legend className="mb-1.5 font-medium">Where</legend>
          <ul className="flex flex-col gap-2 max-sm:gap-4">
            {rule.when.map((condition, index) => (
              <ConditionFields
                key={keys[index]}
                condition={condition}
                place={index + 1}
                onChange={(next) => change(index, next)}
                onRemove={rule.when.length === 1 ? null : () => drop(index)}
              />
            ))}
          </ul>
          <Button size="sm" icon={Plus} onClick={add} disabled={rule.when.length >= 20} className="mt-2">
            Add condition
          </Button>
        </fieldset>
        <Field label="Put them into the file" hint="{attribute} stands for what the span says: support/{service.name}.">
          {(props) => (
            <Input
              {...props}
              required
              value={rule.path}
              onChange={(event) => setRule({ ...rule, path: event.target.value })}
              placeholder="support/answer"
              maxLength={900}
              spellCheck={false}
              className="font-mono text-[12px]"
            />
          )}
        </Field>
        <div className="rounded-md bg-sunken px-3 py-2.5" aria-live="polite">
          <p className="mb-1 text-meta text-ink-3">What this rule does</p>
          <p className="leading-6">
            <RuleText rule={trimmed(rule)} />
          </p>
          {rule.kind == null && (
            <p className="mt-1 text-meta text-undecided">
              A file is of one kind. Spans of another kind than the first that comes go to otel/SERVICE/SPAN NAME: better make a rule for
              each kind.
            </p>
          )}
          {under !== null && (
            <p className="mt-1 text-meta text-undecided">Rule {under + 1} takes all of these first, so this one is never reached.</p>
          )}
        </div>
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy} disabled={!isWhole(rule)}>
            {at === null ? 'Add rule' : 'Keep changes'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function ConditionFields({
  condition: { attribute, is, value },
  place,
  onChange,
  onRemove,
}: {
  condition: Condition;
  place: number;
  onChange: (next: Partial<Condition>) => void;
  onRemove: (() => void) | null;
}): ReactNode {
  const list = useId();
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-2 sm:grid-cols-[minmax(0,1.2fr)_8.5rem_minmax(0,1fr)_auto]">
      <Input
        aria-label={`Attribute ${place}`}
        required
        list={list}
        value={attribute}
        onChange={(event) => onChange({ attribute: event.target.value })}
        placeholder="attribute"
        maxLength={200}
        spellCheck={false}
        className="font-mono text-[12px]"
      />
      <datalist id={list}>
        {usual.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Select
        label={`Test ${place}`}
        value={is}
        options={tests}
        onChange={(next) => onChange({ is: next })}
        className="max-sm:col-start-1 max-sm:row-start-2"
      />
      <Input
        aria-label={`Value ${place}`}
        required={is !== 'present'}
        disabled={is === 'present'}
        value={is === 'present' ? '' : (value ?? '')}
        onChange={(event) => onChange({ value: event.target.value })}
        placeholder={is === 'present' ? '' : 'value'}
        maxLength={1_000}
        spellCheck={false}
        className={cx('font-mono text-[12px] max-sm:col-start-1 max-sm:row-start-3', is === 'present' && 'max-sm:hidden')}
      />
      <IconButton
        icon={X}
        label={`Remove condition ${place}`}
        disabled={onRemove === null}
        onClick={() => onRemove?.()}
        className="max-sm:col-start-2 max-sm:row-start-1"
      />
    </li>
  );
}

function isWhole({ when, path }: OtelRule): boolean {
  return (
    path.trim() !== '' && when.every(({ attribute, is, value }) => attribute.trim() !== '' && (is === 'present' || (value ?? '') !== ''))
  );
}

/** As it is kept: no value where none is asked for. */
function trimmed(rule: OtelRule): OtelRule {
  const when = rule.when.map(({ attribute, is, value }) => ({
    attribute: attribute.trim(),
    is,
    ...(is === 'present' ? {} : { value: value ?? '' }),
  }));
  return { ...rule, when, path: rule.path.trim() };
}

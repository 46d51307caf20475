import { useQuery } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Button, IconButton } from '../../kit/button.tsx';
import { Input } from '../../kit/field.tsx';
import { Select } from '../../kit/select.tsx';
import { useMay } from '../../parts/session.ts';
import { useAction } from '../../parts/use-action.ts';
import { ForgetUser } from './forget-user.tsx';
import { Loaded, Panel, Row, Rows } from './panel.tsx';

type Settings = Answer<'workspace.get'>;
type Rule = Settings['redaction'][number];

export function RetentionSettings(): ReactNode {
  const settings = useQuery(query('workspace.get'));
  const admin = useMay('admin');
  return (
    <>
      <Loaded query={settings}>
        {(data) => (
          <>
            <Retention key={`r${data.retention_days}`} settings={data} admin={admin} />
            <Redaction key={JSON.stringify(data.redaction)} settings={data} admin={admin} />
          </>
        )}
      </Loaded>
      {admin && <ForgetUser />}
    </>
  );
}

function Retention({ settings, admin }: { settings: Settings; admin: boolean }): ReactNode {
  const environments = useQuery(query('environments.list'));
  const [days, setDays] = useState(settings.retention_days);
  const [own, setOwn] = useState<Record<string, number | null>>(settings.environment_retention_days);
  const { busy, run } = useAction('Retention was not changed', ['workspace.get']);
  const changed = days !== settings.retention_days || JSON.stringify(own) !== JSON.stringify(settings.environment_retention_days);
  return (
    <Panel
      title="Retention"
      about="How long logs are kept. What is older is erased every night, judgments included. Empty keeps them for ever."
    >
      <form
        className="flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          void run(
            () => call('workspace.update', { body: { retention_days: days, environment_retention_days: own } }),
            'Retention changed',
          );
        }}
      >
        <Days label="All logs" value={days} onChange={setDays} disabled={!admin} placeholder="for ever" />
        {(environments.data ?? []).map((one) => (
          <Days
            key={one.id}
            label={`Logs of ${one.name}`}
            value={own[one.id] ?? null}
            onChange={(value) =>
              setOwn(value === null ? Object.fromEntries(Object.entries(own).filter(([id]) => id !== one.id)) : { ...own, [one.id]: value })
            }
            disabled={!admin}
            placeholder="as all"
          />
        ))}
        {admin && (
          <Button type="submit" look="primary" busy={busy} disabled={!changed} className="mt-2 self-start">
            Change retention
          </Button>
        )}
      </form>
    </Panel>
  );
}

function Days({
  label,
  value,
  onChange,
  disabled,
  placeholder,
}: {
  label: string;
  value: number | null;
  onChange: (value: number | null) => void;
  disabled: boolean;
  placeholder: string;
}): ReactNode {
  return (
    <label className="flex items-center gap-3">
      <span className="w-44">{label}</span>
      <Input
        type="number"
        min={1}
        max={36_500}
        value={value ?? ''}
        placeholder={placeholder}
        disabled={disabled}
        onChange={(event) => onChange(event.target.value === '' ? null : Math.max(1, Math.floor(Number(event.target.value))))}
        className="num w-28"
      />
      <span className="text-ink-3">days</span>
    </label>
  );
}

function Redaction({ settings, admin }: { settings: Settings; admin: boolean }): ReactNode {
  const [rules, setRules] = useState<Rule[]>(settings.redaction);
  const { busy, run } = useAction('The rules were not changed', ['workspace.get']);
  const changed = JSON.stringify(rules) !== JSON.stringify(settings.redaction);
  const set = (at: number, change: Partial<Rule>) => setRules(rules.map((rule, index) => (index === at ? { ...rule, ...change } : rule)));
  return (
    <Panel
      title="Redaction"
      about="Applied before a log is written; what is redacted was never stored. A field is named by its key, wherever it occurs; a pattern is a regular expression over all text."
    >
      <Rows empty="No rules. Logs are kept as they come.">
        {rules.map((rule, at) => (
          <Row key={at} className="gap-2">
            <Input
              aria-label="Name of the rule"
              value={rule.name}
              onChange={(event) => set(at, { name: event.target.value })}
              disabled={!admin}
              className="w-36"
            />
            <Select
              label="Kind"
              value={rule.kind}
              options={[
                { value: 'pattern', label: 'pattern' },
                { value: 'field', label: 'field' },
              ]}
              onChange={(kind) => set(at, { kind })}
              disabled={!admin}
              className="w-26"
            />
            <Input
              aria-label="What it matches"
              value={rule.match}
              onChange={(event) => set(at, { match: event.target.value })}
              disabled={!admin}
              placeholder={rule.kind === 'field' ? 'email' : '\\b\\d{16}\\b'}
              className="min-w-40 flex-1 font-mono text-[12px]"
            />
            <Input
              aria-label="What is put in its place"
              value={rule.replacement}
              onChange={(event) => set(at, { replacement: event.target.value })}
              disabled={!admin}
              className="w-32 font-mono text-[12px]"
            />
            {admin && (
              <IconButton icon={Trash2} label="Take this rule out" onClick={() => setRules(rules.filter((_, index) => index !== at))} />
            )}
          </Row>
        ))}
      </Rows>
      {admin && (
        <div className="mt-3 flex gap-2">
          <Button
            icon={Plus}
            onClick={() =>
              setRules([...rules, { name: `rule ${rules.length + 1}`, kind: 'pattern', match: '', replacement: '[redacted]' }])
            }
          >
            Add rule
          </Button>
          <Button
            look="primary"
            busy={busy}
            disabled={!changed || rules.some((rule) => rule.match === '' || rule.name === '')}
            onClick={() =>
              void run(() => call('workspace.update', { body: { redaction: rules } }), 'Rules changed; they hold from the next log on')
            }
          >
            Change rules
          </Button>
        </div>
      )}
    </Panel>
  );
}

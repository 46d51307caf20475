import type { OtelRule } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Ellipsis, Plus, TriangleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { query } from '../../../api/query.ts';
import { Button, IconButton } from '../../../kit/button.tsx';
import { Menu, MenuItem, MenuLine } from '../../../kit/menu.tsx';
import { toast } from '../../../kit/toast.tsx';
import { useMay } from '../../../parts/session.ts';
import { useAction } from '../../../parts/use-action.ts';
import { Loaded, Panel } from '../panel.tsx';
import { NoRules } from './no-rules.tsx';
import { blankRule, RuleDialog } from './rule-dialog.tsx';
import { RuleText } from './rule-text.tsx';
import { shadowedBy } from './rule-words.ts';

/** Which rule is being written: one of the list by its place, or a new one. */
type Editing = { at: number | null; rule: OtelRule };

/** The rules by which OpenTelemetry spans are mapped to files. */
export function SpanSettings(): ReactNode {
  const admin = useMay('admin');
  const loaded = useQuery(query('otel.rules'));
  const [editing, setEditing] = useState<Editing | null>(null);
  const { busy, run } = useAction('The rules were not kept', ['otel.rules']);
  const keep = (rules: OtelRule[], done?: string) => run(() => call('otel.set_rules', { body: { rules } }), done);
  const rules = loaded.data?.rules ?? [];
  const add = (rule: OtelRule = blankRule) => setEditing({ at: null, rule });
  const move = (from: number, to: number) => {
    const next = [...rules];
    next.splice(to, 0, ...next.splice(from, 1));
    void keep(next);
  };
  const remove = async (at: number) => {
    const before = rules;
    if (await keep(rules.toSpliced(at, 1))) toast('Rule deleted', { action: { label: 'Undo', run: () => void keep(before) } });
  };
  const save = (rule: OtelRule) =>
    keep(
      editing === null || editing.at === null ? [...rules, rule] : rules.with(editing.at, rule),
      'Rule kept; it counts for spans that come from now on',
    );
  return (
    <Panel
      title="Rules for spans"
      about="Which file an OpenTelemetry span belongs to when the application does not say so itself. The first rule that fits counts."
      action={
        admin &&
        rules.length > 0 && (
          <Button look="primary" icon={Plus} onClick={() => add()}>
            Add rule
          </Button>
        )
      }
    >
      <Loaded query={loaded} rows={3}>
        {({ rules: list }) =>
          list.length === 0 ? (
            <NoRules onAdd={admin ? add : null} />
          ) : (
            <ol className="border-t border-line">
              {list.map((rule, at) => (
                <RuleRow
                  key={at}
                  rule={rule}
                  place={at + 1}
                  last={at === list.length - 1}
                  under={shadowedBy(list, at)}
                  busy={busy}
                  {...(admin
                    ? { onMove: (by: 1 | -1) => move(at, at + by), onEdit: () => setEditing({ at, rule }), onDelete: () => void remove(at) }
                    : {})}
                />
              ))}
            </ol>
          )
        }
      </Loaded>
      {rules.length > 0 && (
        <p className="mt-3 max-w-[72ch] text-meta text-ink-3">
          Before them counts what the span says itself (<code>humanloop.file.path</code>, the AI SDK’s metadata). What no rule fits goes to{' '}
          <code>otel/SERVICE/SPAN NAME</code>. Logs that are here stay where they are.
        </p>
      )}
      {editing !== null && <RuleDialog {...editing} rules={rules} onSave={save} onClose={() => setEditing(null)} />}
    </Panel>
  );
}

function RuleRow({
  rule,
  place,
  last,
  under,
  busy,
  onMove,
  onEdit,
  onDelete,
}: {
  rule: OtelRule;
  place: number;
  last: boolean;
  /** The place in the list, from 0, of a rule that leaves it nothing. */
  under: number | null;
  busy: boolean;
  onMove?: (by: 1 | -1) => void;
  onEdit?: () => void;
  onDelete?: () => void;
}): ReactNode {
  return (
    <li className="flex items-start gap-3 border-b border-line py-2.5">
      <span className="num w-5 shrink-0 pt-0.5 text-right text-ink-3">{place}</span>
      <div className="min-w-0 flex-1">
        <p className="max-w-[72ch] leading-6">
          <RuleText rule={rule} />
        </p>
        {under !== null && (
          <p className="mt-0.5 flex items-center gap-1.5 text-meta text-undecided">
            <TriangleAlert size={13} strokeWidth={1.75} aria-hidden /> Never reached: rule {under + 1} takes all of these. Move it up.
          </p>
        )}
      </div>
      {onMove && onEdit && onDelete && (
        <div className="flex shrink-0 items-center">
          <IconButton
            icon={ArrowUp}
            label={`Move rule ${place} up`}
            disabled={busy || place === 1}
            onClick={() => onMove(-1)}
            className="max-sm:hidden"
          />
          <IconButton
            icon={ArrowDown}
            label={`Move rule ${place} down`}
            disabled={busy || last}
            onClick={() => onMove(1)}
            className="max-sm:hidden"
          />
          <Menu trigger={<IconButton icon={Ellipsis} label={`More for rule ${place}`} />}>
            <MenuItem onSelect={onEdit}>Change</MenuItem>
            {place > 1 && <MenuItem onSelect={() => onMove(-1)}>Move up</MenuItem>}
            {!last && <MenuItem onSelect={() => onMove(1)}>Move down</MenuItem>}
            <MenuLine />
            <MenuItem danger onSelect={onDelete}>
              Delete
            </MenuItem>
          </Menu>
        </div>
      )}
    </li>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Bell, BellOff, Check, Ellipsis, RotateCcw, Send, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../../api/client.ts';
import { query } from '../../../api/query.ts';
import { Badge } from '../../../kit/badge.tsx';
import { Button } from '../../../kit/button.tsx';
import { cx } from '../../../kit/cx.ts';
import { ConfirmDialog } from '../../../kit/dialog.tsx';
import { Menu, MenuItem, MenuLine } from '../../../kit/menu.tsx';
import { Ago } from '../../../kit/time.tsx';
import { toast } from '../../../kit/toast.tsx';
import { useMay } from '../../../parts/session.ts';
import { useAction } from '../../../parts/use-action.ts';

type Monitor = Answer<'monitors.get'>;
type Alert = Monitor['alerts'][number];

const hourMs = 3_600_000;

/** The alerts of a monitor, each with what it says now. */
export function Alerts({ monitor, marked, onAdd }: { monitor: Monitor; marked: string | undefined; onAdd: () => void }): ReactNode {
  const mayWrite = useMay('write');
  if (monitor.measure === null) return null;
  return (
    <div className="mt-4">
      {monitor.alerts.length === 0 ? (
        <p className="flex flex-wrap items-center gap-x-3 text-ink-3">
          <span>Nobody is told when this changes.</span>
          {mayWrite && (
            <Button size="sm" look="quiet" icon={Bell} onClick={onAdd}>
              Add an alert
            </Button>
          )}
        </p>
      ) : (
        <ul className="border-t border-line" aria-label={`Alerts on ${monitor.evaluator.path}`}>
          {monitor.alerts.map((alert) => (
            <AlertRow key={alert.id} alert={alert} marked={alert.id === marked} />
          ))}
        </ul>
      )}
    </div>
  );
}

function AlertRow({ alert, marked }: { alert: Alert; marked: boolean }): ReactNode {
  const [history, setHistory] = useState(marked);
  const mayJudge = useMay('judge');
  const { busy, run } = useAction('The alert was not changed', ['monitors.list', 'alerts.list', 'alerts.history']);
  const open = alert.state === 'open';
  const muted = alert.muted_until !== null && new Date(alert.muted_until).getTime() > Date.now();
  const Icon = muted ? BellOff : Bell;
  return (
    <li className={cx('border-b border-line py-2', marked && 'bg-sunken')}>
      <div className="flex flex-wrap items-start gap-x-3 gap-y-1">
        <Icon size={16} strokeWidth={1.5} aria-hidden className={cx('mt-0.5 shrink-0', open ? 'text-worse' : 'text-ink-3')} />
        <div className="min-w-0 flex-1 basis-64">
          <div className="flex flex-wrap items-center gap-2">
            <span className="font-medium">{alert.name}</span>
            {open && <Badge tone="worse">open {alert.acknowledged && '· seen'}</Badge>}
            {open && alert.opened_at && <Ago at={alert.opened_at} className="text-meta text-ink-3" />}
            {alert.state === 'learning' && <Badge>learning</Badge>}
            {muted && (
              <Badge>
                muted until{' '}
                {new Date(alert.muted_until ?? 0).toLocaleString('en-GB', {
                  day: 'numeric',
                  month: 'short',
                  hour: '2-digit',
                  minute: '2-digit',
                })}
              </Badge>
            )}
          </div>
          <p className="max-w-[84ch] text-ink-2">{alert.text}</p>
        </div>
        <div className="flex shrink-0 gap-1.5">
          {open && !alert.acknowledged && mayJudge && (
            <Button
              size="sm"
              icon={Check}
              busy={busy}
              onClick={() => void run(() => call('alerts.acknowledge', { params: { id: alert.id } }), 'Acknowledged')}
            >
              I have seen it
            </Button>
          )}
          <Button size="sm" look="quiet" onClick={() => setHistory(!history)} aria-expanded={history}>
            History
          </Button>
          <AlertMenu alert={alert} muted={muted} />
        </div>
      </div>
      {history && <AlertHistory alertId={alert.id} />}
    </li>
  );
}

function AlertMenu({ alert, muted }: { alert: Alert; muted: boolean }): ReactNode {
  const mayWrite = useMay('write');
  const [deleting, setDeleting] = useState(false);
  const { run } = useAction('The alert was not changed', ['monitors.list', 'alerts.list', 'alerts.history']);
  if (!mayWrite) return null;
  const params = { id: alert.id };
  const mute = (until: string | null) =>
    void run(() => call('alerts.mute', { params, body: { until } }), until === null ? 'It tells again' : 'Muted');
  const test = () =>
    void run(async () => {
      const { told } = await call('alerts.test', { params });
      if (told.length === 0)
        toast('Nobody would be told', {
          description: 'Add a webhook in the settings that is told of alerts, or an address for mail here.',
        });
      else toast('A test was sent', { description: told.map(({ to }) => to).join(', ') });
    });
  return (
    <>
      <Menu trigger={<Button size="sm" look="quiet" icon={Ellipsis} aria-label={`More about the alert ${alert.name}`} />}>
        <MenuItem icon={Send} onSelect={test}>
          Send a test
        </MenuItem>
        {muted ? (
          <MenuItem icon={Bell} onSelect={() => mute(null)}>
            Tell again
          </MenuItem>
        ) : (
          <>
            <MenuItem icon={BellOff} onSelect={() => mute(new Date(Date.now() + 4 * hourMs).toISOString())}>
              Mute for 4 hours
            </MenuItem>
            <MenuItem icon={BellOff} onSelect={() => mute(new Date(Date.now() + 7 * 24 * hourMs).toISOString())}>
              Mute for a week
            </MenuItem>
          </>
        )}
        {alert.rule.type === 'change' && alert.rule.baseline == null && alert.state !== 'learning' && (
          <MenuItem icon={RotateCcw} onSelect={() => void run(() => call('alerts.relearn', { params }), 'It learns what is usual')}>
            Take the level now for usual
          </MenuItem>
        )}
        <MenuLine />
        <MenuItem icon={Trash2} danger onSelect={() => setDeleting(true)}>
          Delete
        </MenuItem>
      </Menu>
      <ConfirmDialog
        open={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete the alert “${alert.name}”?`}
        loss="Nobody is told by it any more, and its history is gone."
        action="Delete alert"
        onConfirm={() => run(() => call('alerts.delete', { params }), 'Alert deleted')}
      />
    </>
  );
}

const verbs = { opened: 'Opened', recovered: 'Recovered', acknowledged: 'Seen', muted: 'Muted', tested: 'Test' } as const;

function AlertHistory({ alertId }: { alertId: string }): ReactNode {
  const events = useQuery(query('alerts.history', { params: { id: alertId } }));
  if (events.error) return <p className="mt-2 pl-7 text-worse">{events.error.message}</p>;
  if (!events.data) return <div className="mt-2 ml-7 skeleton h-8" />;
  if (events.data.records.length === 0) return <p className="mt-2 pl-7 text-ink-3">Nothing has happened yet.</p>;
  return (
    <ol className="mt-2 flex flex-col gap-1.5 pl-7">
      {events.data.records.map((event) => (
        <li key={event.id} className="flex flex-wrap items-baseline gap-x-3">
          <span className={cx('w-20 shrink-0', event.type === 'opened' ? 'text-worse' : 'text-ink')}>{verbs[event.type]}</span>
          <span className="min-w-0 flex-1 basis-64 text-ink-2">
            {event.text}
            {event.by?.full_name && <span className="text-ink-3"> {event.by.full_name}</span>}
            {event.told.length > 0 && (
              <span className="text-ink-3"> Told: {event.told.map(({ to, how }) => `${to} (${how})`).join(', ')}.</span>
            )}
          </span>
          <Ago at={event.at} className="text-meta text-ink-3" />
        </li>
      ))}
    </ol>
  );
}

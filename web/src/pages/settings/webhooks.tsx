import { webhookEvents } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { CopyButton } from '../../kit/copy.tsx';
import { ConfirmDialog, Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { Checkbox } from '../../kit/checkbox.tsx';
import { Ago } from '../../kit/time.tsx';
import { toast, toastError } from '../../kit/toast.tsx';
import { useAction } from '../../parts/use-action.ts';
import { Loaded, Panel, Row, Rows, Title } from './panel.tsx';

type Webhook = Answer<'webhooks.list'>['records'][number];
type WebhookEvent = (typeof webhookEvents)[number];
const names: Record<WebhookEvent, string> = {
  'version.created': 'A version is saved',
  'version.deployed': 'A version is deployed',
  'version.undeployed': 'A deployment is removed',
  'file.deleted': 'A file is deleted',
  'alert.opened': 'An alert of a monitor opens',
  'alert.recovered': 'An alert is over',
  'experiment.started': 'An experiment starts',
  'experiment.arm_stopped': 'An arm of an experiment is stopped',
  'experiment.stopped': 'An experiment is stopped',
  'experiment.promoted': 'An arm of an experiment is promoted',
};

export function WebhookSettings(): ReactNode {
  const webhooks = useQuery(query('webhooks.list'));
  const [making, setMaking] = useState(false);
  return (
    <Panel
      title="Webhooks"
      about="Tell another system when something changes: as signed JSON, or as a message to Slack and what speaks its form."
      action={
        <Button look="primary" icon={Plus} onClick={() => setMaking(true)}>
          Add webhook
        </Button>
      }
    >
      <Loaded query={webhooks}>
        {({ records }) => (
          <Rows empty="Nobody is told yet. Add the address of a chat channel, or of a service that should know when a version is deployed.">
            {records.map((one) => (
              <WebhookRow key={one.id} webhook={one} />
            ))}
          </Rows>
        )}
      </Loaded>
      {making && <WebhookDialog onClose={() => setMaking(false)} />}
    </Panel>
  );
}

function WebhookRow({ webhook }: { webhook: Webhook }): ReactNode {
  const [deleting, setDeleting] = useState(false);
  const test = useAction('The test was not sent', ['webhooks.list']);
  const remove = useAction('The webhook was not deleted', ['webhooks.list']);
  const params = { id: webhook.id };
  const send = () =>
    test.run(async () => {
      const result = await call('webhooks.test', { params });
      if (result.ok) toast('The test arrived', { description: result.message });
      else toastError('The test was refused', result.message);
    });
  return (
    <Row>
      <Title sub={webhook.events.map((event) => names[event]).join(', ')}>
        <span className="truncate">{webhook.url}</span> <Badge>{webhook.format}</Badge>
      </Title>
      <span className="text-meta text-ink-3">
        {webhook.last_status ?? 'never sent'} {webhook.last_sent_at && <Ago at={webhook.last_sent_at} />}
      </span>
      <Button size="sm" busy={test.busy} onClick={() => void send()}>
        Send a test
      </Button>
      <Button size="sm" look="danger" onClick={() => setDeleting(true)}>
        Delete
      </Button>
      <ConfirmDialog
        open={deleting}
        onClose={() => setDeleting(false)}
        title="Delete this webhook?"
        loss={`${webhook.url} is told nothing any more. Its signing secret is gone.`}
        action="Delete webhook"
        onConfirm={() => remove.run(() => call('webhooks.delete', { params }), 'Webhook deleted')}
      />
    </Row>
  );
}

function WebhookDialog({ onClose }: { onClose: () => void }): ReactNode {
  const [url, setUrl] = useState('');
  const [format, setFormat] = useState<'json' | 'slack'>('json');
  const [events, setEvents] = useState<WebhookEvent[]>(['version.deployed']);
  const [secret, setSecret] = useState<string | null>(null);
  const { busy, run } = useAction('The webhook was not added', ['webhooks.list']);
  if (secret !== null) {
    return (
      <Dialog
        open
        onClose={onClose}
        title="Signing secret"
        description="Each request carries an HMAC-SHA-256 of its body made with this. It is shown only now."
      >
        <div className="flex items-start gap-2 rounded-md bg-sunken py-2 pr-1.5 pl-3">
          <code className="min-w-0 flex-1 pt-0.5 wrap-anywhere">{secret}</code>
          <CopyButton text={secret} label="Copy secret" />
        </div>
      </Dialog>
    );
  }
  const add = async () => {
    let made: Answer<'webhooks.create'> | null = null;
    const added = await run(
      async () => (made = await call('webhooks.create', { body: { url: url.trim(), format, events } })),
      'Webhook added',
    );
    const shown = (made as Answer<'webhooks.create'> | null)?.secret ?? null;
    if (added && shown !== null && format === 'json') setSecret(shown);
    else if (added) onClose();
  };
  return (
    <Dialog open onClose={onClose} title="Add a webhook">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <Field label="URL">
          {(props) => (
            <Input
              {...props}
              required
              autoFocus
              type="url"
              value={url}
              onChange={(event) => setUrl(event.target.value)}
              placeholder="https://example.com/hooks/whetstone"
              className="font-mono text-[12px]"
            />
          )}
        </Field>
        <Segmented
          label="Format"
          value={format}
          onChange={setFormat}
          options={[
            { value: 'json', label: 'JSON, signed' },
            { value: 'slack', label: 'Slack message' },
          ]}
          className="self-start"
        />
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1.5 font-medium">Tell it when</legend>
          {webhookEvents.map((event) => (
            <label key={event} className="flex items-center gap-2">
              <Checkbox
                checked={events.includes(event)}
                onChange={(on) => setEvents(on ? [...events, event] : events.filter((one) => one !== event))}
                label={names[event]}
              />
              {names[event]}
            </label>
          ))}
        </fieldset>
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy} disabled={events.length === 0}>
            Add webhook
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

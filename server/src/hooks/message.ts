import { createHmac } from 'node:crypto';
import type { FileEvent } from '../files/index.ts';

/** What an event says, in the style of v5: the `body` of a delivery. */
export function bodyOf(event: FileEvent): Record<string, unknown> {
  const { file, version, kind } = event.snapshot;
  const { actor } = event.scope;
  return {
    workspace_id: event.scope.workspaceId,
    actor: { type: actor.type, id: actor.id, name: actor.name },
    file: { id: file.id, type: kind, path: file.path, name: file.name },
    version: { id: version.id, name: version.name, description: version.description },
    ...('environment' in event
      ? { environment: { id: event.environment.id, name: event.environment.name }, previous_version_id: event.previousVersionId }
      : {}),
  };
}

/** One line in Slack's markup. What people named is escaped: it makes no link and calls nobody. */
export function slackText(event: string, body: Record<string, unknown>): string {
  const name = (key: string, field: string): string => {
    const thing = body[key];
    const value = typeof thing === 'object' && thing !== null ? Reflect.get(thing, field) : null;
    return escapeSlack(typeof value === 'string' ? value : '');
  };
  const file = `*${name('file', 'path')}*`;
  const version = name('version', 'name') === '' ? `\`${name('version', 'id')}\`` : `\`${name('version', 'name')}\``;
  const by = name('actor', 'name') === '' ? '' : ` by ${name('actor', 'name')}`;
  switch (event) {
    case 'version.created':
      return `New version ${version} of ${file}${by}`;
    case 'version.deployed':
      return `${file}: version ${version} deployed to *${name('environment', 'name')}*${by}`;
    case 'version.undeployed':
      return `${file}: taken out of *${name('environment', 'name')}*${by}`;
    case 'file.deleted':
      return `${file} deleted${by}`;
    case 'experiment.started':
    case 'experiment.arm_stopped':
    case 'experiment.stopped':
    case 'experiment.promoted':
      return `Experiment *${name('experiment', 'name')}*: ${escapeSlack(typeof body['text'] === 'string' ? body['text'] : '')}`;
    default:
      return 'Whetstone can reach this channel.';
  }
}

/** Text for what shows no blocks; of alerts also blocks, with a link to the chart. */
export function slackMessage(event: string, body: Record<string, unknown>): Record<string, unknown> {
  if (!event.startsWith('alert.')) return { text: slackText(event, body) };
  const said = (key: string): string => escapeSlack(typeof body[key] === 'string' ? body[key] : '');
  const mark = event === 'alert.opened' ? ':red_circle:' : event === 'alert.recovered' ? ':large_green_circle:' : ':white_circle:';
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
  const url = typeof body['url'] === 'string' ? body['url'].replaceAll(/[<>|]/g, '') : '';
  return {
    text: `${said('title')}. ${said('text')}`,
    blocks: [section(`${mark} *${said('title')}*\n${said('text')}`), section(`<${url}|Open the chart in Whetstone>`)],
  };
}

function escapeSlack(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[*_`~\n\r]/g, ' ');
}

/** `t=SECONDS,v1=HEX`: HMAC-SHA-256 of `SECONDS.BODY`. The receiver compares, and refuses what is older than some minutes. */
export function signatureOf(secret: string, body: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1_000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

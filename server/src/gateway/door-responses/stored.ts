import type { AnyObject, ChatMessage, Scope } from '@whetstone/contract';
import { parseFilter } from '@whetstone/domain';
import type { StoredLog } from '../../logs/index.ts';
import type { Room } from '../room.ts';
import { asCount, asObject, asText } from '../wire/read.ts';

/** A response that a caller may name later: it is the log of its call. */
export interface StoredResponse {
  id: string;
  log: StoredLog;
  /** The request in the caller's shape, without its input. */
  request: AnyObject;
  /** Answered by a provider that speaks this shape, which keeps it too; the credential to ask it with. */
  native: { credential: string } | null;
  instructions: string | null;
  /** What a next turn continues: without instructions and template, with the answer. */
  conversation: ChatMessage[];
}

/** What a log keeps of a response beside the call. No caller can send this key: it is taken out of bodies. */
export const ownKey = 'whetstone';
export interface OwnPart {
  shape: 'responses';
  /** Name of the credential, where the answer was passed through. */
  passed: string | null;
  /** How many messages precede the conversation: a template's, the instructions. */
  before: number;
  instructions: boolean;
}

const mostRemembered = 10_000;

/**
 * Responses by their ids, out of the logs. Ours say which log they are; a provider's stand in the log as its reference (in
 * its metadata where the caller gave a reference), and the latest in memory.
 */
export class StoredResponses {
  readonly #logs: Pick<Room['logs'], 'find' | 'list' | 'change'>;
  readonly #remembered = new Map<string, string>();

  constructor(logs: Pick<Room['logs'], 'find' | 'list' | 'change'>) {
    this.#logs = logs;
  }

  /** Null when unknown in this workspace, deleted, or not to be stored. */
  async find(scope: Scope, id: string): Promise<StoredResponse | null> {
    const own = logIdOf(id);
    const log = await this.#log(scope, id, own);
    const request = asObject(log?.providerRequest);
    if (log?.kind === 'agent' && own !== null && request !== null) return ofAgent(id, log, request);
    const part = asObject(request?.[ownKey]) as OwnPart | null;
    if (log === null || log.status !== 'ok' || request === null || part?.shape !== 'responses' || request['store'] === false) return null;
    // The id in our form of an answer that bears its provider's.
    if (own !== null && part.passed !== null) return null;
    const before = asCount(part.before) ?? 0;
    const messages = log.messages ?? [];
    const { [ownKey]: _own, ...rest } = request;
    return {
      id,
      log,
      request: rest,
      native: part.passed === null ? null : { credential: part.passed },
      instructions: part.instructions ? asText(messages[before - 1]?.content) : null,
      conversation: [...messages.slice(before), ...(log.outputMessage === null ? [] : [log.outputMessage])],
    };
  }

  remember({ workspaceId }: Scope, id: string, logId: string): void {
    this.#remembered.set(`${workspaceId} ${id}`, logId);
    if (this.#remembered.size <= mostRemembered) return;
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }

  /** The log stays; nobody can continue it any more. */
  async forget(scope: Scope, { log }: StoredResponse): Promise<void> {
    await this.#logs.change(scope, log.id, { providerRequest: { ...log.providerRequest, store: false } });
  }

  async #log(scope: Scope, id: string, own: string | null): Promise<StoredLog | null> {
    const known = own ?? this.#remembered.get(`${scope.workspaceId} ${id}`);
    const log = known === undefined ? null : await this.#logs.find(scope, known);
    if (log !== null || own !== null || !/^resp_[\w-]{8,200}$/.test(id)) return log;
    for (const place of ['reference', 'meta.response_id']) {
      const parsed = parseFilter(`${place}:${id}`);
      const page = { page: 1, size: 1, payload: false, count: false };
      const { records } = await this.#logs.list(scope, { expression: parsed.ok ? parsed.filter : null }, page);
      if (records[0] !== undefined) return this.#logs.find(scope, records[0].id);
    }
    return null;
  }
}

/** An agent's turn is done, or it waits for results of the caller's tools, which the next turn brings. */
function ofAgent(id: string, log: StoredLog, request: AnyObject): StoredResponse | null {
  const waits = log.status === 'incomplete' && log.endTime !== null;
  if ((log.status !== 'ok' && !waits) || log.origin !== 'gateway' || request['store'] === false) return null;
  const said = (log.messages ?? []).slice(asCount(request['template_messages']) ?? 0);
  const answered = log.outputMessage !== null && said.at(-1)?.role !== 'assistant';
  const conversation = answered && log.outputMessage !== null ? [...said, log.outputMessage] : said;
  const outputMessage = log.outputMessage ?? said.findLast(({ role }) => role === 'assistant') ?? null;
  return { id, log: { ...log, outputMessage }, request: {}, native: null, instructions: null, conversation };
}

export function responseIdOf(logId: string): string {
  return logId.replace(/^log_/, 'resp_');
}
function logIdOf(id: string): string | null {
  const digits = /^resp_([0-9A-Za-z]{21})$/.exec(id)?.[1];
  return digits === undefined ? null : `log_${digits}`;
}

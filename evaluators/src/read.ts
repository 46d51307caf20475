import type { AnyObject, ChatMessage } from '@whetstone/contract';
import { getOwn } from '@whetstone/domain';
import { isTooDeep } from './json.ts';
import type { JudgedLog, Material, Need, Subject } from './evaluator.ts';

/** Where in a log and its datapoint things stand. Each `read…` answers what it found, or a `Missing` that says why not. */

export interface Missing {
  missing: string;
}
export const isMissing = (found: unknown): found is Missing =>
  typeof found === 'object' && found !== null && Object.hasOwn(found, 'missing');

interface Keys {
  target_key?: string;
  question_key?: string | null;
  context_key?: string;
}

/** The material for these needs, or what is missing. */
export function readMaterial(subject: Subject, needs: readonly Need[], options: Keys): Material | Missing {
  const { log } = subject;
  const material = { log, target: undefined as unknown, output: '', references: [] as readonly string[], question: '' };
  let contexts: readonly string[] = [];
  for (const need of needs) {
    const found = readers[need]?.(subject, options);
    if (isMissing(found)) return found;
    if (need === 'output') material.output = found as string;
    if (need === 'question') material.question = found as string;
    if (need === 'context') contexts = found as string[];
    if (need === 'reference') {
      ({ value: material.target, texts: material.references } = found as Target);
    }
  }
  return { ...material, contexts };
}

const readers: { [K in Need]?: (subject: Subject, options: Keys) => unknown } = {
  output: ({ log }) => readOutput(log),
  reference: (subject, { target_key: key }) => readTarget(subject, key ?? 'output'),
  question: (subject, { question_key: key }) => readQuestion(subject, key ?? null),
  context: (subject, { context_key: key }) => readContexts(subject, key ?? 'context'),
};

function readOutput(log: JudgedLog): string | Missing {
  const text = log.output ?? messageText(log.output_message);
  if (text !== null) return text;
  if (log.payload === 'dropped' || log.payload === 'summary') return { missing: 'The output of this log is not kept.' };
  if (log.error != null) return { missing: 'The log has no output: the call failed.' };
  return { missing: 'The log has no output.' };
}

/** Text of a message, its parts one under the other; null when it has none. */
export function messageText(message: ChatMessage | null | undefined): string | null {
  const content = message?.content;
  if (content == null) return null;
  if (typeof content === 'string') return content;
  const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  return texts.length === 0 ? null : texts.join('\n');
}

/** In a box, so that a target `{ "missing": … }` is a target. */
interface Target {
  value: unknown;
  texts: readonly string[];
}

function readTarget({ testcase }: Subject, key: string): Target | Missing {
  if (testcase == null) return { missing: 'There is no datapoint to compare with.' };
  const keys = Object.keys(testcase.target ?? {});
  if (keys.length === 0) return { missing: 'The datapoint has no target.' };
  const [only = ''] = keys;
  const value = getOwn(testcase.target, key) ?? (key === 'output' && keys.length === 1 ? getOwn(testcase.target, only) : undefined);
  if (value != null) return referenceTexts(value);
  const names = keys.slice(0, 10).map((name) => `\`${name}\``);
  return { missing: `The target has no \`${key}\`; it has ${names.join(', ')}.` };
}

/** A list of texts holds alternatives; what is no text is compared as JSON. */
function referenceTexts(value: unknown): Target | Missing {
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')) return { value, texts: value };
  if (isTooDeep(value)) return { missing: 'The target is nested too deeply, or in a circle.' };
  return { value, texts: [asText(value)] };
}

/** A text as it is, all else as JSON. */
function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return isTooDeep(value) ? '' : (JSON.stringify(value) ?? '');
}

function readQuestion({ log, testcase }: Subject, key: string | null): string | Missing {
  const inputs: readonly (AnyObject | null | undefined)[] = [log.inputs, testcase?.inputs];
  const named = inputs.map((from) => getOwn(from, key ?? 'question')).find((found) => found != null);
  if (key !== null) return named == null ? { missing: `There is no input \`${key}\` with the question.` } : asText(named);
  const asked = (log.messages ?? testcase?.messages)?.findLast((message) => message.role === 'user');
  return messageText(asked) ?? (named == null ? { missing: 'The log does not tell what was asked.' } : asText(named));
}

function readContexts({ log, testcase }: Subject, key: string): string[] | Missing {
  for (const from of [log.inputs, log.metadata, testcase?.inputs]) {
    const found = getOwn(from, key);
    const passages = found == null ? [] : passagesOf(found);
    if (passages.length > 0) return passages;
  }
  const returned = toolResults(log);
  return returned.length > 0
    ? returned
    : { missing: `There are no retrieved passages: no \`${key}\`, and no tool that returned something.` };
}

/** What tools gave back: in the conversation, else in the trace. */
function toolResults(log: JudgedLog): string[] {
  const inMessages = (log.messages ?? []).flatMap((message) => (message.role === 'tool' ? [messageText(message) ?? ''] : []));
  const results = inMessages.length > 0 ? inMessages : toolLogs(log).map((child) => asText(getOwn(child, 'output')));
  return results.filter((text) => text !== '').flatMap(passagesOf);
}

/** Logs of tools in the trace, in the order they were left. */
export function toolLogs(log: JudgedLog): AnyObject[] {
  const found: AnyObject[] = [];
  const queue: unknown[] = [...(log.trace_children ?? [])];
  // A trace has no cycles; one that was made by hand must not hang us.
  for (let looked = 0; queue.length > 0 && looked < 10_000; looked++) {
    const child = queue.shift();
    if (getOwn(child, 'type') === 'tool') found.push(child as AnyObject);
    const children = getOwn(child, 'trace_children');
    if (Array.isArray(children)) queue.unshift(...children);
  }
  return found;
}

/** A list, a JSON list, `{ text }`, `{ content }` or `{ page_content }` of the retrievers, or one text. */
function passagesOf(value: unknown): string[] {
  let list: unknown = value;
  if (typeof value === 'string' && value.trimStart().startsWith('[')) {
    try {
      list = JSON.parse(value);
    } catch {
      return [value];
    }
  }
  const items: unknown[] = Array.isArray(list) ? list : [list];
  return items
    .map((item) =>
      asText(['text', 'content', 'page_content'].map((key) => getOwn(item, key)).find((text) => typeof text === 'string') ?? item),
    )
    .filter((text) => text.trim() !== '');
}

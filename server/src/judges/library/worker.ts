import { parentPort } from 'node:worker_threads';
import { AppError } from '@whetstone/contract';
import { type Help, type Outcome, readyEvaluator, type ReadyEvaluator } from '@whetstone/evaluators';
import type { FromThread, Question, ToThread } from './protocol.ts';

/** The thread: evaluators made ready once, judgments as they come, questions sent out and answered in between. */

const mostReady = 200;
const port = parentPort;
if (port === null) throw new Error('This file is run as a thread.');
const say = (message: FromThread): void => port.postMessage(message);

const ready = new Map<string, Promise<ReadyEvaluator>>();
const open = new Map<string, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
const stops = new Map<number, AbortController>();
let calls = 0;

port.on('message', (message: ToThread) => {
  if (message.type === 'ping') say({ type: 'pong' });
  else if (message.type === 'judge') void judge(message);
  else if (message.type === 'stop') stops.get(message.id)?.abort(new Error('The judgment was stopped.'));
  else {
    const key = `${message.id} ${message.call}`;
    const waiting = open.get(key);
    open.delete(key);
    if (message.ok) waiting?.resolve(message.value);
    else waiting?.reject(new Error(message.message));
  }
});

async function judge({ id, name, options, subject, asks, embeds }: Extract<ToThread, { type: 'judge' }>): Promise<void> {
  const stop = new AbortController();
  stops.set(id, stop);
  const help: Help = {
    signal: stop.signal,
    ...(asks ? { ask: async ({ messages, response_format }) => String(await questioned(id, { ask: { messages, response_format } })) } : {}),
    ...(embeds ? { embed: async (texts) => (await questioned(id, { embed: [...texts] })) as number[][] } : {}),
  };
  let outcome: Outcome;
  try {
    outcome = await (await readyOf(name, options)).judge(subject, help);
  } catch (error) {
    const known = error instanceof AppError || stop.signal.aborted;
    outcome = { outcome: 'failed', value: null, error: known && error instanceof Error ? error.message : 'The evaluator failed.' };
  }
  stops.delete(id);
  say({ type: 'outcome', id, outcome });
}

function readyOf(name: string, options: Parameters<typeof readyEvaluator>[1]): Promise<ReadyEvaluator> {
  const key = `${name} ${JSON.stringify(options)}`;
  const known = ready.get(key);
  if (known !== undefined) return known;
  const made = readyEvaluator(name, options);
  if (ready.size >= mostReady) ready.clear();
  ready.set(key, made);
  made.catch(() => ready.delete(key));
  return made;
}

function questioned(id: number, question: Question): Promise<unknown> {
  calls += 1;
  const call = calls;
  return new Promise((resolve, reject) => {
    open.set(`${id} ${call}`, { resolve, reject });
    say({ type: 'question', id, call, question });
  });
}

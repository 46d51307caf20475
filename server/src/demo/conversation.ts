import { AppError, type Scope } from '@whetstone/contract';
import type { Files, Snapshot } from '../files/index.ts';
import type { Gateway, PromptCall, PromptCallResult } from '../gateway/index.ts';
import type { Logs } from '../logs/index.ts';
import { createDice, type Dice } from './dice.ts';
import { retrieve } from './retrieval.ts';
import type { Visit } from './traffic.ts';

/** The files of the demo application, as they are after set-up. */
export interface Application {
  assistant: Snapshot<'flow'>;
  search: Snapshot<'tool'>;
  feedback: Map<string, Snapshot<'evaluator'>>;
  environments: Map<string, string>;
  /** When the summaries began. */
  summariesFrom: Date;
}
export interface Rooms {
  files: Pick<Files, 'resolve'>;
  gateway: Pick<Gateway, 'callPrompt'>;
  logs: Logs;
  /** Moves the clock of files and gateway. */
  setTime(at: Date): void;
}

/** One visit through the application: sort the question, search, answer, all in one trace; then what the customer did. */
export async function converse(rooms: Rooms, scope: Scope, application: Application, visit: Visit, signal: AbortSignal): Promise<void> {
  const dice = createDice(visit.seed);
  const rootId = rooms.logs.newId(visit.at);
  const root = {
    id: rootId,
    kind: 'flow' as const,
    fileId: application.assistant.file.id,
    versionId: application.assistant.version.id,
    contentHash: application.assistant.version.contentHash,
    environmentId: application.environments.get(visit.environment) ?? null,
    origin: 'demo' as const,
    createdAt: visit.at,
    startTime: visit.at,
    user: visit.user,
    unit: visit.user,
    session: visit.session,
    inputs: { question: visit.question },
    metadata: { channel: visit.channel, language: visit.language },
  };
  // The root first, as an application does, so that what runs inside finds the trace it belongs to.
  await rooms.logs.record(scope, { ...root, logStatus: 'incomplete' });
  const common = { user: visit.user, unit: visit.user, session: visit.session, origin: 'demo' as const, traceParentId: rootId };

  const topic = await call(
    rooms,
    scope,
    'support/classify',
    visit,
    { question: visit.question },
    { ...common, createdAt: visit.at },
    signal,
  );
  let time = after(visit.at, topic?.latencyMs ?? 0);

  const found = retrieve(visit.question, 3);
  const searchMs = dice.around(38, 0.5);
  await rooms.logs.record(scope, {
    ...common,
    kind: 'tool',
    fileId: application.search.file.id,
    versionId: application.search.version.id,
    contentHash: application.search.version.contentHash,
    environmentId: application.environments.get(visit.environment) ?? null,
    createdAt: time,
    startTime: time,
    endTime: after(time, searchMs),
    latencyMs: searchMs,
    inputs: { query: visit.question, count: 3 },
    output: JSON.stringify(
      found.map(({ article, score }) => ({ id: article.id, title: article.title, text: article.text, score: Number(score.toFixed(2)) })),
    ),
  });
  time = after(time, searchMs);

  const context = found.map(({ article }) => `[${article.id}] ${article.title}: ${article.text}`).join('\n\n');
  const sample = await call(
    rooms,
    scope,
    'support/answer',
    visit,
    { question: visit.question, context },
    { ...common, createdAt: time },
    signal,
  );
  time = after(time, sample?.latencyMs ?? 0);
  // About every sixth customer is handed to a colleague, with a summary by a model that sometimes fails.
  if (dice.chance(0.16) && sample?.output != null && visit.at > application.summariesFrom) {
    const summary = await call(
      rooms,
      scope,
      'support/summary',
      visit,
      { question: visit.question, answer: sample.output },
      { ...common, createdAt: time },
      signal,
    );
    time = after(time, summary?.latencyMs ?? 0);
  }

  await rooms.logs.record(scope, {
    ...root,
    endTime: time,
    latencyMs: time.getTime() - visit.at.getTime(),
    logStatus: 'complete',
    output: sample?.output ?? null,
    error: sample?.error ?? null,
  });
  if (sample !== null && sample.error === null && sample.output !== null) {
    await react(rooms, scope, application, visit, { logId: sample.logId, output: sample.output, at: time }, dice);
  }
}

async function call(
  rooms: Rooms,
  scope: Scope,
  path: string,
  visit: Visit,
  inputs: PromptCall['inputs'],
  log: PromptCall['log'],
  signal: AbortSignal,
): Promise<PromptCallResult['samples'][number] | null> {
  rooms.setTime(log.createdAt ?? visit.at);
  const running = rooms.gateway.callPrompt(
    scope,
    {
      ref: { path },
      at: { environment: visit.environment },
      kernel: null,
      draft: false,
      messages: [],
      inputs,
      toolChoice: null,
      samples: 1,
      providerApiKeys: {},
      suffix: null,
      environment: null,
      log: { ...log, startTime: log.createdAt ?? visit.at, metadata: { channel: visit.channel, language: visit.language } },
    },
    signal,
  );
  try {
    return (await running).samples[0] ?? null;
  } catch (error) {
    // A failure of the model is in the log, as it would be in a real application; the conversation goes on without.
    if (error instanceof AppError && error.failure !== undefined) return null;
    throw error;
  }
}

/** Customers reward answers that hold what the right article says; most say nothing. */
async function react(
  rooms: Rooms,
  scope: Scope,
  application: Application,
  visit: Visit,
  answer: { logId: string; output: string; at: Date },
  dice: Dice,
): Promise<void> {
  const quality = judge(visit, answer.output);
  const later = after(answer.at, dice.around(40_000, 0.8));
  const say = async (path: string, value: string | string[]): Promise<void> => {
    const evaluator = application.feedback.get(path);
    if (evaluator === undefined) return;
    await rooms.logs.judge(scope, {
      evaluatorId: evaluator.file.id,
      evaluatorVersionId: evaluator.version.id,
      logId: answer.logId,
      source: 'user',
      judge: visit.user,
      value,
      correction: path === 'feedback/correction',
      createdAt: later,
      origin: 'demo',
    });
  };
  if (dice.chance(0.3)) await say('feedback/vote', dice.chance(quality) ? 'good' : 'bad');
  if (dice.chance(0.45))
    await say(
      'feedback/action',
      dice.chance(quality) ? [dice.pick(['accepted', 'copied', 'shared'])] : [dice.pick(['regenerated', 'dismissed', 'edited'])],
    );
  if (visit.answer !== null && dice.chance((1 - quality) * 0.08)) await say('feedback/correction', firstSentences(visit.answer.text, 2));
  if (dice.chance((1 - quality) * 0.06)) await say('feedback/issue', [dice.pick(['hallucinated', 'off topic', 'wrong format'])]);
}

/** 0 to 1: how much of the right article's figures and words the answer holds; for an unanswerable question, whether it says so. */
export function judge(visit: Pick<Visit, 'answer'>, output: string): number {
  const text = output.toLowerCase();
  if (visit.answer === null) return /colleague|not sure|do not (know|have)|don't (know|have)|cannot|can't|unable/.test(text) ? 0.8 : 0.25;
  const wanted = new Set(visit.answer.text.toLowerCase().match(/\d+|[a-z]{6,}/g) ?? []);
  let held = 0;
  for (const word of wanted) if (text.includes(word)) held += 1;
  return Math.min(0.95, 0.15 + (held / Math.max(1, wanted.size)) * 1.3);
}

function firstSentences(text: string, count: number): string {
  return text
    .split(/(?<=\.)\s+/)
    .slice(0, count)
    .join(' ');
}

function after(at: Date, ms: number): Date {
  return new Date(at.getTime() + Math.max(0, Math.round(ms)));
}

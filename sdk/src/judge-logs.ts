import type { Api } from './client/api.ts';
import { asError, WhetstoneError } from './client/errors.ts';
import type { JudgmentValue } from './eval/definition.ts';

/** What a process of yours judges: the log as every evaluator gets it, and the datapoint that it was made for. */
export interface JudgedSubject {
  log_id: string;
  log: Record<string, unknown>;
  testcase: Record<string, unknown> | null;
}
/** A judgment of a log, or why there is none. */
export interface OutsideJudgment {
  judgment?: JudgmentValue | null | undefined;
  reason?: string | null | undefined;
  error?: string | null | undefined;
}
export type JudgeFunction = (subject: JudgedSubject) => OutsideJudgment | Promise<OutsideJudgment>;

export interface JudgeLogsOptions {
  /** Path or id of the evaluator; it has to be there. */
  evaluator: string;
  /** Which logs, in the language of the search field: `file:support/answer environment:production`. */
  filter: string;
  judge: JudgeFunction;
  /** At once; 8. */
  concurrency?: number;
  /** Logs at most, the newest first. */
  limit?: number | null;
  /** Also those that this version of the evaluator has judged. */
  again?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: JudgedLogs) => void;
}
export interface JudgedLogs {
  judged: number;
  failed: number;
  /** Judged before by this version. */
  skipped: number;
}

interface Listed {
  id: string;
  evaluator_logs?: { evaluator?: { version_id?: string } | null }[] | null;
}
interface EvaluatorFile {
  id: string;
  path: string;
  version_id: string;
}

/** Thrown by a judge that cannot judge anything any more: the log stays without a judgment, and `judgeLogs` rejects with it. */
export class JudgeEnded extends Error {
  override readonly name = 'JudgeEnded';
}

const pageSize = 100;

/**
 * Judges logs of the workspace by a function of yours and posts what it says. What this version of the evaluator has judged is left out,
 * so a run that was cut off goes on where it was. A function that throws leaves a failed judgment; a server that is away rejects.
 */
export async function judgeLogs(api: Api, options: JudgeLogsOptions): Promise<JudgedLogs> {
  const { filter, judge, concurrency = 8, limit = null, again = false, signal, onProgress } = options;
  const evaluator = await evaluatorOf(api, options.evaluator);
  const progress: JudgedLogs = { judged: 0, failed: 0, skipped: 0 };
  const running = new Set<Promise<void>>();
  const broken: unknown[] = [];
  let taken = 0;
  for await (const log of logsOf(api, filter)) {
    if (signal?.aborted === true || broken.length > 0 || (limit !== null && taken >= limit)) break;
    taken += 1;
    if (!again && isJudged(log, evaluator)) {
      progress.skipped += 1;
      continue;
    }
    while (running.size >= concurrency) await Promise.race(running);
    const work = judgeOne(api, evaluator, log.id, judge)
      .then((good) => {
        progress[good ? 'judged' : 'failed'] += 1;
        onProgress?.(progress);
      })
      .catch((error: unknown) => void broken.push(error))
      .finally(() => running.delete(work));
    running.add(work);
  }
  await Promise.all(running);
  if (broken.length > 0) throw broken[0];
  return progress;
}

async function evaluatorOf(api: Api, named: string): Promise<EvaluatorFile> {
  const found = (
    named.startsWith('ev_') ? await api.evaluators.get({ id: named }) : await api.files.retrieveByPath({ path: named })
  ) as EvaluatorFile & { type: string };
  if (found.type !== 'evaluator') throw new WhetstoneError(404, `\`${named}\` is a ${found.type} and no evaluator.`);
  return found;
}

/** Newest first. Logs that come meanwhile are not among them: `before` is a place, not a page. */
async function* logsOf(api: Api, filter: string): AsyncGenerator<Listed> {
  let before: string | undefined;
  for (;;) {
    const { records } = (await api.logs.list({ filter, size: pageSize, before, summary: true, count: false })) as unknown as {
      records: Listed[];
    };
    yield* records;
    if (records.length < pageSize) return;
    before = records.at(-1)?.id;
  }
}

function isJudged({ evaluator_logs: judgments }: Listed, { version_id: version }: EvaluatorFile): boolean {
  return (judgments ?? []).some(({ evaluator }) => evaluator?.version_id === version);
}

/** @returns whether there is a judgment; false when the function failed. @throws WhetstoneError when the server does not take it */
async function judgeOne(api: Api, { id, version_id: version }: EvaluatorFile, logId: string, judge: JudgeFunction): Promise<boolean> {
  const start = new Date();
  const said = await saidOf(api, logId, judge);
  const common = { id, version_id: version, parent_id: logId, start_time: start.toISOString() };
  const post = (own: Record<string, unknown>) => api.evaluators.log({ ...common, end_time: new Date().toISOString(), ...own });
  if (said.error != null || said.judgment === undefined) {
    await post({ judgment: null, error: (said.error ?? 'The function gave no judgment.').slice(0, 1_000) });
    return false;
  }
  try {
    await post({ judgment: said.judgment, ...(said.reason == null ? {} : { output: said.reason }) });
    return true;
  } catch (error) {
    // A judgment that the evaluator cannot give is its own failure, not the server's.
    if (!(error instanceof WhetstoneError) || error.status !== 422) throw error;
    await post({ judgment: null, error: `${error.message} It gave: ${JSON.stringify(said.judgment).slice(0, 200)}` });
    return false;
  }
}

async function saidOf(api: Api, logId: string, judge: JudgeFunction): Promise<OutsideJudgment> {
  let subject: JudgedSubject;
  try {
    subject = await api.evaluators.subject({ log_id: logId });
  } catch (error) {
    if (error instanceof WhetstoneError && error.status === 422) return { error: error.message };
    throw error;
  }
  try {
    return await judge(subject);
  } catch (error) {
    if (error instanceof JudgeEnded) throw error;
    return { error: asError(error).message };
  }
}

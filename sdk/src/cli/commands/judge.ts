import { parseArgs } from 'node:util';
import { asError } from '../../client/errors.ts';
import { JudgeEnded, judgeLogs } from '../../judge-logs.ts';
import { Whetstone } from '../../whetstone.ts';
import { type JudgeProcess, startJudge } from '../judge-process.ts';
import type { Output } from '../report.ts';
import { UsageError } from '../usage.ts';

export const judgeUsage = `whetstone judge: judge logs by a process of yours

  whetstone judge EVALUATOR --run ID judge.ts         the logs of a run
  whetstone judge EVALUATOR --logs FILTER judge.py    logs by the language of the search field
  whetstone judge EVALUATOR --logs FILTER -- COMMAND  any program

EVALUATOR is the path or id of an evaluator, best of the type external. A file exports one function, evaluate(log) or
evaluate(log, testcase), which gives the judgment or { judgment, reason }. A program gets a line of JSON for each log,
{ log_id, log, testcase }, and writes a line for each judgment, { log_id, judgment, reason } or { log_id, error }, in any order.

What this version of the evaluator has judged is left out, so run it again after it was cut off.

      --run ID               logs written into this run of an evaluation
      --logs FILTER          for example 'file:support/answer environment:production at:>7d'
      --limit N              the newest N of them
  -c, --concurrency N        at once (8)
      --again                also what was judged before
      --url URL              the server (http://127.0.0.1:4400, or WHETSTONE_BASE_URL)
      --api-key KEY          better in WHETSTONE_API_KEY

Exit status: 0 every log has a judgment, 1 some failed or it was cut off, 2 the words of the call are off.
`;

const progressMs = 500;

/** @returns the exit status */
export async function judgeByProcess(
  args: readonly string[],
  environment: Record<string, string | undefined>,
  output: Output,
): Promise<number> {
  const { values, positionals } = read(args);
  const [evaluator, ...words] = positionals;
  if (evaluator === undefined || words.length === 0) throw new UsageError(judgeUsage);
  const filter = [values.logs ?? '', values.run === undefined ? '' : `run:${values.run}`].filter((part) => part !== '').join(' ');
  if (filter === '') throw new UsageError('Say which logs: --run ID, or --logs FILTER.');
  const apiKey = values['api-key'] ?? environment['WHETSTONE_API_KEY'];
  if (!apiKey) throw new UsageError('Put an API key into WHETSTONE_API_KEY. Keys are made under Settings, API keys.');
  const { api } = new Whetstone({ apiKey, baseUrl: values.url ?? environment['WHETSTONE_BASE_URL'], logging: false });
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once('SIGINT', interrupt);
  const program = startJudge(words, environment);
  try {
    const told = teller(output);
    const its = await judgeLogs(api, {
      evaluator,
      filter,
      judge: endingWith(program),
      concurrency: countOf('concurrency', values.concurrency) ?? 8,
      limit: countOf('limit', values.limit),
      again: values.again ?? false,
      signal: stop.signal,
      onProgress: told,
    });
    const { judged, failed, skipped } = its;
    output.out(
      `Judged ${judged} logs${failed === 0 ? '' : `, ${failed} failed`}${skipped === 0 ? '' : `, ${skipped} were judged before`}.`,
    );
    if (stop.signal.aborted) output.err('Interrupted. Run it again to go on.');
    return failed > 0 || stop.signal.aborted ? 1 : 0;
  } catch (error) {
    if (!(error instanceof JudgeEnded)) throw error;
    if (error.cause instanceof UsageError) throw error.cause;
    output.err(error.message);
    return 1;
  } finally {
    process.removeListener('SIGINT', interrupt);
    await program.close();
  }
}

/** A process that ends breaks off everything: what it did not judge is left for the next time, and is no failed judgment. */
function endingWith(program: JudgeProcess): JudgeProcess['judge'] {
  return async (subject) => {
    try {
      return await program.judge(subject);
    } catch (error) {
      if (error instanceof UsageError) throw new JudgeEnded(error.message, { cause: error });
      throw new JudgeEnded(`${asError(error).message} What it judged is kept; run it again to go on.`, { cause: error });
    }
  };
}

function teller(output: Output): (progress: { judged: number; failed: number }) => void {
  let toldAt = performance.now();
  return ({ judged, failed }) => {
    if (performance.now() - toldAt < progressMs) return;
    toldAt = performance.now();
    output.err(`  ${judged} judged${failed === 0 ? '' : `, ${failed} failed`}`);
  };
}

function countOf(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new UsageError(`--${name} is a whole number from 1, not \`${text}\`.`);
  return count;
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        run: { type: 'string' },
        logs: { type: 'string' },
        limit: { type: 'string' },
        concurrency: { type: 'string', short: 'c' },
        again: { type: 'boolean' },
        url: { type: 'string' },
        'api-key': { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(`${asError(error).message.split('. ')[0]}.\n\n${judgeUsage}`);
  }
}

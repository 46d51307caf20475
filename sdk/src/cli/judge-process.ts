import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { JudgedSubject, JudgeFunction, OutsideJudgment } from '../judge-logs.ts';
import { UsageError } from './usage.ts';

/** A process of the user's that judges: a line of JSON in for each log, a line of JSON out for each judgment, in any order. */
export interface JudgeProcess {
  judge: JudgeFunction;
  /** Ends it; resolves when it is gone. */
  close(): Promise<void>;
}

const closeMs = 3_000;

/** Reads the file, takes the last function whose name says that it judges, and answers line by line. Prints go to the terminal. */
const pythonHost = `
import importlib.util, inspect, json, sys
out, sys.stdout = sys.stdout, sys.stderr
spec = importlib.util.spec_from_file_location("judge", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
own = [f for f in vars(module).values() if inspect.isfunction(f) and f.__module__ == "judge"]
judge = getattr(module, "evaluate", None) or (own[-1] if own else None)
if judge is None:
    sys.exit("There is no function in " + sys.argv[1] + " that could judge: define evaluate(log) or evaluate(log, testcase).")
wants = len(inspect.signature(judge).parameters)
for line in sys.stdin:
    given = json.loads(line)
    try:
        said = judge(*[given["log"], given["testcase"]][:wants])
        said = said if isinstance(said, dict) else {"judgment": said}
    except Exception as error:
        said = {"error": type(error).__name__ + ": " + str(error)}
    out.write(json.dumps({**said, "log_id": given["log_id"]}) + "\\n")
    out.flush()
`;

/** The same for JavaScript and TypeScript, where Node takes the types away. */
const javascriptHost = `
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
console.log = console.error;
const file = process.argv[1];
const module = await import(pathToFileURL(resolve(file)).href);
const judge = module.default ?? module.evaluate;
if (typeof judge !== 'function') {
  console.error('There is no function in ' + file + ' that could judge: export default function evaluate(log, testcase).');
  process.exit(1);
}
createInterface({ input: process.stdin }).on('line', async (line) => {
  const given = JSON.parse(line);
  let said;
  try {
    said = await judge(given.log, given.testcase);
    if (said === null || typeof said !== 'object' || Array.isArray(said)) said = { judgment: said };
  } catch (error) {
    said = { error: String(error?.message ?? error) };
  }
  process.stdout.write(JSON.stringify({ ...said, log_id: given.log_id }) + '\\n');
});
`;

/** A file of code by its ending, anything else as a command with its words. */
export function startJudge(words: readonly string[], environment: Record<string, string | undefined>): JudgeProcess {
  const [first = '', ...rest] = words;
  if (/\.(?:ts|mts|js|mjs|cjs)$/.test(first)) return startProcess(process.execPath, ['--input-type=module', '-e', javascriptHost, first]);
  if (first.endsWith('.py')) return startProcess(environment['WHETSTONE_PYTHON'] ?? 'python3', ['-u', '-c', pythonHost, first]);
  return startProcess(first, rest);
}

function startProcess(command: string, args: string[]): JudgeProcess {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<string, { resolve: (said: OutsideJudgment) => void; reject: (error: Error) => void }>();
  let ended: Error | null = null;
  const end = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  const gone = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      end(new UsageError(`\`${command}\` cannot be started: ${error.message}.`));
      resolve();
    });
    child.on('close', (code, signal) => {
      end(new Error(`The process ended${code === null ? ` by ${signal}` : ` with status ${code}`} before it had judged everything.`));
      resolve();
    });
  });
  // A process that is gone says so by its end.
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = readLine(line);
    if (said === null) return end(new Error(`The process wrote a line that is no judgment: ${line.slice(0, 200)}`));
    waiting.get(said.log_id)?.resolve(said);
    waiting.delete(said.log_id);
  });
  return {
    judge: (subject: JudgedSubject) =>
      new Promise<OutsideJudgment>((resolve, reject) => {
        if (ended !== null) return reject(ended);
        waiting.set(subject.log_id, { resolve, reject });
        child.stdin.write(`${JSON.stringify(subject)}\n`);
      }),
    async close() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill(), closeMs);
      await gone;
      clearTimeout(timer);
    },
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function readLine(line: string): (OutsideJudgment & { log_id: string }) | null {
  try {
    const said = JSON.parse(line) as Record<string, unknown> | null;
    if (typeof said?.['log_id'] !== 'string') return null;
    const { log_id, judgment, value, reason, error } = said;
    const given = judgment ?? value;
    return {
      log_id,
      ...(given == null ? {} : { judgment: given as Exclude<OutsideJudgment['judgment'], null> }),
      ...(reason == null ? {} : { reason: textOf(reason) }),
      ...(error == null ? {} : { error: textOf(error) }),
    };
  } catch {
    return null;
  }
}

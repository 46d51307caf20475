import { parseArgs } from 'node:util';
import { UsageError } from '../cli/usage.ts';

/** What the words of `whetstone eval` say. */
export interface EvalSettings {
  named: string[];
  local: boolean;
  baseline: Baseline | null;
  repeat: number | null;
  maxCostUsd: number | null;
  changed: boolean;
  concurrency: number;
  filter: string | null;
  strict: boolean;
  junit: string | null;
  markdown: string | null;
  json: string | null;
  /** Of a saved evaluation: which version of its file to run. */
  version: string | null;
  /** Results on the server are kept under this branch. */
  branch: string | null;
  url: string;
  apiKey: string | null;
}

export type Baseline = { kind: 'environment' | 'version' | 'run' | 'git'; name: string } | { kind: 'file'; name: string };

export const evalUsage = `whetstone eval: measure, compare, and fail when it became worse

  whetstone eval [FILE|DIRECTORY|NAME …]

FILE ends with .eval.ts, .eval.js, .eval.mjs or .eval.yaml. NAME is an evaluation saved on the server. Without any, all such files below
here are run.

      --local               without a server: models by OPENAI_API_KEY and OPENAI_BASE_URL
      --baseline WHAT       compare with env:ENVIRONMENT, version:ID, run:ID, git:BRANCH, file:RESULTS.json
      --repeat N            every case N times
      --max-cost USD        stop before more than this is spent
      --changed             only evaluations whose files changed, against the branch of --baseline git:BRANCH (else the last commit)
      --filter TEXT         only evaluations whose name contains TEXT
      --concurrency N       outputs made at once (8)
      --strict              fail for warnings too, “cannot tell” among them
      --version WHAT        of a saved evaluation: version:ID, env:ENVIRONMENT, or a file .prompt
      --branch NAME         keep results on the server under this branch (default: of CI, else of git)
      --junit FILE          JUnit's XML
      --markdown FILE       for a pull request
      --json FILE           everything; also a baseline for a later run
      --url URL             the server (http://127.0.0.1:4400, or WHETSTONE_BASE_URL)
      --api-key KEY         better in WHETSTONE_API_KEY

Exit status: 0 nothing became worse, as far as can be told; 1 a regression that the sample supports, or a rule broken; 2 it could not be
measured; 130 interrupted.
`;

export function readEvalSettings(args: readonly string[], environment: Record<string, string | undefined>): EvalSettings {
  const { values, positionals } = parsed(args);
  return {
    named: positionals,
    local: values.local ?? false,
    baseline: values.baseline === undefined ? null : baselineOf(values.baseline),
    repeat: countOf('--repeat', values.repeat, 1, 100),
    maxCostUsd: numberOf('--max-cost', values['max-cost']),
    changed: values.changed ?? false,
    concurrency: countOf('--concurrency', values.concurrency, 1, 500) ?? 8,
    filter: values.filter ?? null,
    strict: values.strict ?? false,
    junit: values.junit ?? null,
    markdown: values.markdown ?? null,
    json: values.json ?? null,
    version: values.version ?? null,
    branch: values.branch ?? branchOf(environment),
    url: (values.url ?? environment['WHETSTONE_BASE_URL'] ?? 'http://127.0.0.1:4400').replace(/\/+$/, ''),
    apiKey: values['api-key'] ?? environment['WHETSTONE_API_KEY'] ?? null,
  };
}

/** Where CI says what is built; the checkout itself has no branch there. */
function branchOf(environment: Record<string, string | undefined>): string | null {
  return environment['GITHUB_HEAD_REF'] || environment['GITHUB_REF_NAME'] || environment['CI_COMMIT_REF_NAME'] || null;
}

function baselineOf(text: string): Baseline {
  const [, kind = '', name = ''] = /^(env|environment|version|run|git|branch|file):(.+)$/.exec(text) ?? [];
  if (kind === 'env' || kind === 'environment') return { kind: 'environment', name };
  if (kind === 'git' || kind === 'branch') return { kind: 'git', name };
  if (kind === 'version' || kind === 'run' || kind === 'file') return { kind, name };
  if (text.endsWith('.json')) return { kind: 'file', name: text };
  throw new UsageError(`--baseline is env:ENVIRONMENT, version:ID, run:ID, git:BRANCH or file:RESULTS.json, not \`${text}\`.`);
}

function countOf(option: string, text: string | undefined, least: number, most: number): number | null {
  if (text === undefined) return null;
  const count = Number(text);
  if (Number.isInteger(count) && count >= least && count <= most) return count;
  throw new UsageError(`${option} is a whole number from ${least} to ${most}, not \`${text}\`.`);
}

function numberOf(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new UsageError(`${option} is an amount of US dollars above 0, not \`${text}\`.`);
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        local: flag,
        baseline: text,
        repeat: text,
        'max-cost': text,
        changed: flag,
        concurrency: text,
        filter: text,
        strict: flag,
        junit: text,
        markdown: text,
        json: text,
        version: text,
        branch: text,
        url: text,
        'api-key': text,
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? `${error.message.split('. ')[0]}.` : 'The options cannot be read.');
  }
}

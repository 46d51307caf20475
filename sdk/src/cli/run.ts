import { WhetstoneError } from '../client/errors.ts';
import { diff } from './commands/diff.ts';
import { evalUsage } from '../eval/settings.ts';
import { evaluateFiles } from './commands/eval.ts';
import { exportTo, exportUsage } from './commands/export.ts';
import { importFrom, importUsage } from './commands/import.ts';
import { judgeByProcess, judgeUsage } from './commands/judge.ts';
import { pull } from './commands/pull.ts';
import { push } from './commands/push.ts';
import { status } from './commands/status.ts';
import { type Options, readOptions } from './options.ts';
import type { Output } from './report.ts';
import { UsageError } from './usage.ts';

export const usage = `whetstone: files of a workspace as files in git

  whetstone status [PATH]    what differs, and on which side
  whetstone pull [PATH]      bring what changed in the workspace; edits made here are merged
  whetstone push [PATH]      save what changed here as new versions
  whetstone diff [PATH]      line by line, the workspace against what is here
  whetstone eval [FILE]      measure, compare, fail when it became worse: whetstone eval --help
  whetstone judge EVALUATOR  judge logs by a process of yours: whetstone judge --help
  whetstone import           bring what you have elsewhere: whetstone import --help
  whetstone export DIR       the whole workspace, logs too: whetstone export --help

PATH is a file or directory of the workspace; without it, everything.

  -d, --dir DIR              where the files are (./whetstone, or WHETSTONE_DIR)
  -e, --environment NAME     pull: what is deployed there; push: deploy there what was saved
  -t, --type KIND            only prompts, for example: --type prompt; may be repeated
  -n, --dry-run              say what would happen and change nothing
      --delete               push: delete in the workspace what was deleted here
      --force                push: although the workspace has something newer
      --check                status, diff: exit with 1 when the sides differ
      --url URL              the server (http://127.0.0.1:4400, or WHETSTONE_BASE_URL)
      --api-key KEY          better in WHETSTONE_API_KEY

Exit status: 0 done, 1 a conflict or something refused, 2 the words of the call are off.
`;

const commands: Record<string, ((options: Options, output: Output) => Promise<number>) | undefined> = { status, pull, push, diff };

type Command = (args: readonly string[], environment: Record<string, string | undefined>, output: Output) => Promise<number>;
/** Commands about a whole workspace, which have words of their own. */
const moves: Record<string, { run: Command; usage: string } | undefined> = {
  import: { run: importFrom, usage: importUsage },
  export: { run: exportTo, usage: exportUsage },
  eval: { run: evaluateFiles, usage: evalUsage },
  judge: { run: judgeByProcess, usage: judgeUsage },
};

export function isFileCommand(name: string | undefined): boolean {
  return name !== undefined && (Object.hasOwn(moves, name) || Object.hasOwn(commands, name));
}

/** Runs a command about files. @returns the exit status */
export async function run(args: readonly string[], environment: Record<string, string | undefined>, output: Output): Promise<number> {
  const [name = '', ...rest] = args;
  const move = Object.hasOwn(moves, name) ? moves[name] : undefined;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined && move === undefined) {
    output.err(`There is no command \`${name}\`.\n\n${usage}`);
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    output.out(move?.usage ?? usage);
    return 0;
  }
  try {
    if (move !== undefined) return await move.run(rest, environment, output);
    return (await command?.(readOptions(rest, environment), output)) ?? 2;
  } catch (error) {
    if (error instanceof UsageError) {
      output.err(error.message);
      return 2;
    }
    if (!(error instanceof WhetstoneError)) throw error;
    output.err(error.message);
    return 1;
  }
}

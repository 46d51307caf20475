#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isFileCommand, run, usage } from './run.ts';

/** In a checkout of Whetstone the commands of the machine that runs the server belong to this program too. */
const serverCommands = join(import.meta.dirname, '../../../server/src/whetstone.ts');

async function main(args: string[]): Promise<number> {
  const [command] = args;
  const output = {
    out: (text: string) => void process.stdout.write(`${text.replace(/\n$/, '')}\n`),
    err: (text: string) => void process.stderr.write(`${text.replace(/\n$/, '')}\n`),
    colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
  };
  const asksForHelp = command === undefined || command === 'help' || command === '--help' || command === '-h';
  if (!asksForHelp && (isFileCommand(command) || !existsSync(serverCommands))) return run(args, process.env, output);
  if (asksForHelp) output.out(usage);
  if (!existsSync(serverCommands)) return command === undefined ? 2 : 0;
  if (asksForHelp) output.out('');
  const { status } = spawnSync(
    process.execPath,
    [serverCommands, ...(command === undefined ? [] : [asksForHelp ? 'help' : command, ...args.slice(1)])],
    { stdio: 'inherit' },
  );
  return status ?? 1;
}

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`whetstone: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

import { createWriteStream, existsSync, openSync, closeSync, fsyncSync, renameSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readConfig } from './config.ts';
import { createLog } from './log.ts';
import { findRunning, restore, type RunFile } from './operate/index.ts';
import { createStorage } from './storage/index.ts';

const usage = `whetstone: commands for the machine that runs the server

  npm run whetstone -- backup FILE             a whole copy, while the server runs
  npm run whetstone -- restore FILE            fill an empty data directory from a copy; the server must not run
  npm run whetstone -- reset-password EMAIL    a link with which a member sets a new password
  npm run whetstone -- erase                   take away now what is past its retention or deleted
  npm run whetstone -- help

They act on the data directory of WHETSTONE_DATA_DIR (./data), or on DATABASE_URL and CLICKHOUSE_URL.
`;

/** Exit status 0: done. 1: it failed, and one line on stderr says why. 2: the words of the call are off. */
async function main(args: readonly string[]): Promise<number> {
  const [command, argument, ...more] = args;
  if (command === undefined || command === 'help' || command === '--help') {
    process.stdout.write(usage);
    return command === undefined ? 2 : 0;
  }
  if (command === 'erase' && argument === undefined) {
    await eraseNow();
    return 0;
  }
  const commands: Record<string, (argument: string) => Promise<void>> = {
    backup: backupTo,
    restore: restoreFrom,
    'reset-password': resetPassword,
  };
  const run = commands[command];
  if (run === undefined || argument === undefined || more.length > 0) {
    process.stderr.write(
      run === undefined ? `There is no command \`${command}\`.\n\n${usage}` : `\`${command}\` takes one argument.\n\n${usage}`,
    );
    return 2;
  }
  await run(argument);
  return 0;
}

async function backupTo(file: string): Promise<void> {
  if (existsSync(file)) throw new Error(`${file} exists. Name a new file; a backup never overwrites another.`);
  const response = await ask(running(), '/operate/backup', {});
  if (response.body === null) throw new Error('The server sent nothing.');
  const part = `${file}.part`;
  try {
    await pipeline(Readable.fromWeb(response.body as never), createWriteStream(part, { mode: 0o600 }));
    const handle = openSync(part, 'r+');
    fsyncSync(handle);
    closeSync(handle);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
  process.stdout.write(`Backup written to ${file}. It holds the key of stored credentials: keep it as you keep a password.\n`);
}

async function restoreFrom(file: string): Promise<void> {
  const config = readConfig(process.env);
  if (findRunning(config.dataDir) !== null) throw new Error('The server runs on this data directory. Stop it first.');
  if (!existsSync(file)) throw new Error(`${file} does not exist.`);
  const storage = await createStorage({
    dataDir: config.dataDir,
    databaseUrl: config.databaseUrl,
    clickhouseUrl: config.clickhouseUrl,
    log: createLog('warn'),
  });
  try {
    const manifest = await restore(storage, file);
    const logs = manifest.rows['clickhouse/logs'] ?? 0;
    process.stdout.write(
      `Restored the backup of ${manifest.at} (Whetstone ${manifest.version}) with ${logs} log rows. Start the server with npm start.\n`,
    );
  } finally {
    await storage.close();
  }
}

async function eraseNow(): Promise<void> {
  await ask(running(), '/operate/erase', {});
  process.stdout.write('Erased what was past its retention or deleted.\n');
}

async function resetPassword(email: string): Promise<void> {
  const response = await ask(running(), '/operate/reset-link', { email });
  const { url, expires_at: expires } = (await response.json()) as { url: string; expires_at: string };
  process.stdout.write(`${url}\nWhoever opens this link sets the password of ${email}. It works once, until ${expires}.\n`);
}

function running(): RunFile {
  const { dataDir } = readConfig(process.env);
  const run = findRunning(dataDir);
  if (run === null)
    throw new Error(`No server runs on ${dataDir}. Start it with npm start, or name its data directory in WHETSTONE_DATA_DIR.`);
  return run;
}

async function ask(run: RunFile, path: string, body: unknown): Promise<Response> {
  const response = await fetch(run.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-whetstone-operator': run.token },
    body: JSON.stringify(body),
  });
  if (response.ok) return response;
  const { detail } = (await response.json().catch(() => ({ detail: `status ${response.status}` }))) as { detail: unknown };
  throw new Error(typeof detail === 'string' ? detail : JSON.stringify(detail));
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from './config.ts';
import { createLog } from './log.ts';
import { createStorage } from './storage/index.ts';

const stopDeadlineMs = 20_000;

/** Starts the server, says so in one line on stdout, and stops it in order when told to. */
export async function run(): Promise<void> {
  const config = readConfig(process.env, process.argv.slice(2));
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const log = createLog(config.logLevel);
  const { dataDir, databaseUrl, clickhouseUrl } = config;
  const storage = createStorage({ dataDir, databaseUrl, clickhouseUrl, log });
  // Told by `start`, which waits for it; until then nobody does.
  storage.catch(() => undefined);
  // The engines take a second to start, the other rooms as long to be read: both at once.
  const { start } = await import('./start.ts');
  const running = await start(config, { log, storage, webDir: join(import.meta.dirname, '../../web/dist') });
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping');
    // Whatever was acknowledged is on disk by then; what still hangs is a store that does not answer.
    setTimeout(() => {
      log.error('a store did not let go in time');
      process.exit(1);
    }, stopDeadlineMs).unref();
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'could not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  // Whoever reads this line may stop us at once, so it comes after the handlers.
  process.stdout.write(`Whetstone ready on ${running.url}\n`);
  // After the ready line, so that a first visit never waits for it.
  await running.afterReady();
}

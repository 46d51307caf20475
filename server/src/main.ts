import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/**
 * Compiled code is kept beside the installed packages: without it a start spends a second on what it compiled the last time.
 * It counts only for what is imported after it. Where nothing can be written it does nothing.
 */
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/whetstone/compiled'));

const { run } = await import('./run.ts');

run().catch((error: unknown) => {
  process.stderr.write(`Whetstone could not start: ${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env['WHETSTONE_LOG_LEVEL'] === 'debug' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});

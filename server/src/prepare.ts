/** Run when a checkout is prepared, so that even its first start is quick: compiles the server, makes what an empty data directory copies. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/whetstone/compiled'));

const [{ prepareTemplate }, { createJobTables }] = await Promise.all([import('./storage/index.ts'), import('./jobs/index.ts')]);
await Promise.all([prepareTemplate(createJobTables), import('./start.ts')]);

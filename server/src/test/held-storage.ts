/** A process that opens storage, writes one row and waits to be killed. */
import { createStorage } from '../storage/index.ts';
import { silent } from './storage-log.ts';

const storage = await createStorage({ dataDir: process.argv[2] ?? '', log: silent });
await storage.executeSql('CREATE TABLE kept (id int)');
await storage.executeSql('INSERT INTO kept VALUES (1)');
process.send?.(storage.engines?.pid);
setInterval(() => undefined, 1_000);

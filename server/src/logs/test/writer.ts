/**
 * A process that records logs until it is killed, and says which were acknowledged. Arguments: data directory, round,
 * where to die (`nowhere`, or a step of the drain), after how many times.
 */
import { writeSync } from 'node:fs';
import { systemScope } from '@whetstone/contract';
import { createStorage } from '../../storage/index.ts';
import { silent } from '../../test/storage.ts';
import { createLogs } from '../index.ts';

/** Each round writes another field of an id that comes again, so that a lost merge shows. */
const roundFields = ['user', 'session', 'unit', 'referenceId', 'source', 'model', 'provider', 'finishReason'] as const;

const [dataDir = '', round = '0', step = 'nowhere', after = '0'] = process.argv.slice(2);
let left = Number(after);
const die = (name: string) => async () => {
  if (name === step && left-- <= 0) process.kill(process.pid, 'SIGKILL');
};
const storage = await createStorage({ dataDir, log: silent });
const logs = createLogs({
  storage,
  settings: () => ({ redaction: [] }),
  faults: { beforeFlush: die('beforeFlush'), beforeInsert: die('beforeInsert'), afterInsert: die('afterInsert') },
});
const scope = systemScope('ws_a', 'writer');
writeSync(1, 'ready\n');
if (step === 'sigterm') {
  process.once('SIGTERM', () => {
    void logs
      .close()
      .then(() => storage.close())
      .then(() => process.exit(0));
  });
}

let count = 0;
async function write(worker: number): Promise<void> {
  for (;;) {
    const n = count++;
    // Some ids are ours, some the caller's, and some come again in a later round.
    const id = n % 3 === 0 ? logs.newId() : n % 3 === 1 ? `own-${round}-${n}` : `again-${n}`;
    const text = `round ${round} worker ${worker} log ${n} `;
    try {
      await logs.record(scope, {
        id,
        kind: 'prompt',
        fileId: 'pr_1',
        versionId: 'prv_1',
        origin: 'api',
        output: text.repeat(1 + (n % 20)),
        ...(n % 3 === 2 ? { [roundFields[Number(round) % roundFields.length] ?? 'user']: round } : {}),
      });
    } catch {
      return;
    }
    writeSync(1, `${id}\n`);
  }
}
await Promise.all(Array.from({ length: 16 }, (_, worker) => write(worker)));

import { systemScope } from '@whetstone/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogChange, NewLog } from './index.ts';
import { firstPage, openTestLogs, promptLog, type TestLogs } from './test/open.ts';

let room: TestLogs;
beforeAll(async () => {
  room = await openTestLogs();
});
afterAll(() => room.close());

/** What a log should be: the fields of its writes laid over each other; null once deleted. */
type Model = Map<string, Pick<NewLog, 'output' | 'user' | 'promptTokens' | 'metadata'> | null>;
type Step =
  | { do: 'record' | 'again'; id: string; fields: Partial<NewLog> }
  | { do: 'change'; id: string; fields: LogChange }
  | { do: 'delete'; id: string }
  | { do: 'drain' }
  | { do: 'reopen' };

const ids = fc.constantFrom('a', 'b', 'c');
const fields = fc.record(
  {
    output: fc.string(),
    user: fc.constantFrom('u1', 'u2'),
    promptTokens: fc.nat(1000),
    metadata: fc.dictionary(fc.constantFrom('k', 'l'), fc.nat(9)),
  },
  { requiredKeys: [] },
);
const changes = fc.record(
  {
    output: fc.option(fc.string()),
    promptTokens: fc.option(fc.nat(1000)),
    metadata: fc.option(fc.dictionary(fc.constantFrom('k'), fc.nat(9))),
  },
  { requiredKeys: [] },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('record' as const, 'again' as const), id: ids, fields }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('change' as const), id: ids, fields: changes }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), id: ids }) },
  { weight: 2, arbitrary: fc.constant({ do: 'drain' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
);
const empty = { output: null, user: null, promptTokens: null, metadata: null };

let runs = 0;
test(
  'F11: whatever is written again, changed, deleted and replayed, a log is one and is what the model says',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const scope = systemScope(`ws_${++runs}`, 'test');
        const model: Model = new Map();
        for (const one of steps) {
          const { logs } = room;
          if (one.do === 'drain') await logs.drained(5_000);
          else if (one.do === 'reopen') await room.reopen();
          else if (one.do === 'delete') {
            expect(await logs.delete(scope, [one.id])).toBe(model.get(one.id) ? 1 : 0);
            if (model.has(one.id)) model.set(one.id, null);
          } else if (one.do === 'change') {
            const known = model.get(one.id);
            const changed = logs.change(scope, one.id, one.fields);
            if (known) {
              await changed;
              model.set(one.id, { ...known, ...one.fields });
            } else await expect(changed).rejects.toMatchObject({ code: 'not_found' });
          } else {
            const log: NewLog = { ...promptLog({ id: one.id, ...one.fields }), output: one.fields.output ?? null };
            const times = one.do === 'again' ? 10 : 1;
            await Promise.all(Array.from({ length: times }, () => logs.record(scope, log)));
            model.set(one.id, { ...empty, ...model.get(one.id), ...one.fields });
          }
        }
        const alive = [...model].flatMap(([id, log]) => (log ? [{ id, ...log }] : []));
        for (const [id, log] of model) {
          const found = await room.logs.find(scope, id);
          if (log) expect(found).toMatchObject({ id, ...log });
          else expect(found).toBeNull();
        }
        const { records, total } = await room.logs.list(scope, {}, { ...firstPage, payload: true });
        expect(total).toBe(alive.length);
        expect(records.map(({ id }) => id).sort()).toEqual(alive.map(({ id }) => id).sort());
        for (const { id, ...log } of alive) expect(records.find((record) => record.id === id)).toMatchObject(log);
      }),
      { numRuns: 15, seed: 11 },
    );
  },
);

import { AppError } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from '../storage/index.ts';
import { describeOnEditions } from '../test/storage.ts';
import type { Environment } from './index.ts';
import { as, newWorkspace, openFiles, prompt } from './test/room.ts';
import type { TestRoom } from './test/room.ts';

describeOnEditions('files', (open) => {
  let storage: Storage;
  let room: TestRoom;
  let scope: Scope;
  let production: Environment;
  let staging: Environment;
  beforeAll(async () => {
    storage = await open();
    room = await openFiles(storage);
  });
  afterAll(async () => {
    await room.files.close();
    await storage.close();
  });
  beforeEach(async () => {
    scope = await newWorkspace(room.files);
    production = await room.files.environments.byName(scope, 'production');
    staging = await room.files.environments.byName(scope, 'staging');
  });
  const save = (template: string, path = 'support/answer') => room.files.upsert(scope, 'prompt', { path, kernel: prompt(template) });

  describe('versions', () => {
    test('the same content twice is one version, other content another', async () => {
      const first = await save('Hello {{name}}');
      const again = await save('Hello {{name}}');
      const other = await save('Hi {{name}}');
      expect([first.createdFile, first.createdVersion]).toEqual([true, true]);
      expect([again.createdFile, again.createdVersion, again.snapshot.version.id]).toEqual([false, false, first.snapshot.version.id]);
      expect([other.createdFile, other.createdVersion]).toEqual([false, true]);
      expect(other.snapshot.version.id).not.toBe(first.snapshot.version.id);
      const versions = await room.files.versions(scope, 'prompt', first.snapshot.file.id);
      expect(versions.map(({ version }) => version.id)).toEqual([other.snapshot.version.id, first.snapshot.version.id]);
    });
  });

});

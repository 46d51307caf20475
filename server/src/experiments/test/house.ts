import { randomBytes } from 'node:crypto';
import type { Body, Endpoints, Scope } from '@whetstone/contract';
import type { Files, FileGuard, Snapshot } from '../../files/index.ts';
import { newWorkspace, openFiles, prompt } from '../../files/test/room.ts';
import { createLogs, type Logs } from '../../logs/index.ts';
import type { AuditInput } from '../../people/index.ts';
import { silent } from '../../test/storage-log.ts';
import type { Storage } from '../../storage/index.ts';
import { createExperiments, type Experiments } from '../index.ts';

type Create = Body<Endpoints['experiments.create']>;

export interface ExperimentHouse {
  files: Files;
  logs: Logs;
  experiments: Experiments;
  guards: FileGuard[];
  audited: AuditInput[];
  /** Events that webhooks were told. */
  told: { event: string; body: Record<string, unknown> }[];
  /** Another process of the same server. */
  replica(): Promise<Experiments>;
  close(): Promise<void>;
}

/** Files, logs and experiments on real stores; audit and webhooks are only listened to. */
export async function openExperiments(
  storage: Storage,
  more: { monotonicMs?: () => number; clock?: () => Date } = {},
): Promise<ExperimentHouse> {
  const { files, guards, audited } = await openFiles(storage);
  const logs = createLogs({ storage, settings: () => ({ redaction: [] }) });
  const told: ExperimentHouse['told'] = [];
  const all: Experiments[] = [];
  const replica = async (): Promise<Experiments> => {
    const made = await createExperiments({
      storage,
      audit: { record: async (_scope, entry) => void audited.push(entry) },
      files,
      logs,
      hooks: {
        tell: async (_scope, _ids, event, body) => {
          told.push({ event, body });
          return [];
        },
      },
      guards,
      replicated: false,
      log: silent,
      clock: () => new Date(),
      randomBytes,
      ...more,
    });
    all.push(made);
    return made;
  };
  const experiments = await replica();
  guards.push(experiments.guard);
  return {
    files,
    logs,
    experiments,
    guards,
    audited,
    told,
    replica,
    close: async () => {
      await Promise.all(all.map((each) => each.close()));
      await logs.close();
      await files.close();
    },
  };
}

export interface Ground {
  scope: Scope;
  file: Snapshot['file'];
  /** Deployed to production. */
  control: Snapshot['version'];
  b: Snapshot['version'];
  c: Snapshot['version'];
  production: string;
  staging: string;
}

/** A workspace with a prompt of three versions, the first deployed. */
export async function newGround(files: Files): Promise<Ground> {
  const scope = await newWorkspace(files);
  const save = async (text: string) => (await files.upsert(scope, 'prompt', { path: 'support/answer', kernel: prompt(text) })).snapshot;
  const first = await save('one');
  const [b, c] = [await save('two'), await save('three')];
  const environments = await files.environments.list(scope);
  const named = (name: string): string => environments.find((each) => each.name === name)?.id ?? '';
  const [production, staging] = [named('production'), named('staging')];
  return { scope, file: first.file, control: first.version, b: b.version, c: c.version, production, staging };
}

export function draft({ file, b }: Pick<Ground, 'file' | 'b'>, more: Partial<Create> = {}): Create {
  return {
    name: 'Shorter answers',
    file_id: file.id,
    arms: [{ weight: 0.5 }, { version_id: b.id, weight: 0.5 }],
    traffic: 1,
    metric: metric('vote:good'),
    secondary: [],
    guards: [],
    smallest_difference: 0.05,
    mode: 'sequential',
    window_hours: 24,
    forced: [],
    ...more,
  };
}

export function metric(value: string): Create['metric'] {
  return { value, per_unit: 'any', direction: 'up', missing: 'zero' };
}

import { randomBytes } from 'node:crypto';
import { AppError } from '@whetstone/contract';
import type { Actor, ErrorCode, MemberRole, PromptKernel, Scope } from '@whetstone/contract';
import type { AuditInput } from '../../people/index.ts';
import type { KyselyPlugin } from 'kysely';
import { expect } from 'vitest';
import { createFiles } from '../index.ts';
import type { FileGuard, Files, FilesDeps } from '../index.ts';

export interface TestRoom {
  files: Files;
  /** Entries whose transaction was committed or not: the fake does not know. */
  audited: AuditInput[];
  guards: FileGuard[];
  deleted: string[];
}

/** The room on real stores, with people and logs only pretended. */
export async function openFiles(storage: FilesDeps['storage'], overrides: Partial<FilesDeps> = {}): Promise<TestRoom> {
  const audited: AuditInput[] = [];
  const guards: FileGuard[] = [];
  const deleted: string[] = [];
  const files = await createFiles({
    storage,
    audit: { record: async (_scope, entry) => void audited.push(entry) },
    users: {
      names: async (ids) =>
        new Map(ids.filter((id) => id.startsWith('usr_')).map((id) => [id, { name: `Name ${id}`, email: `${id}@example.com` }])),
    },
    clock: () => new Date(),
    randomBytes: (length) => randomBytes(length),
    guards,
    onFileDeleted: async (_scope, fileId) => void deleted.push(fileId),
    ...overrides,
  });
  return { files, audited, guards, deleted };
}

let workspaces = 0;

/** A workspace of its own for a test, prepared as a new one is. */
export async function newWorkspace(files: Files): Promise<Scope> {
  workspaces += 1;
  const workspaceId = `ws_${workspaces}_${randomBytes(6).toString('hex')}`;
  await files.prepareWorkspace(workspaceId);
  return user(workspaceId, 'admin');
}

export function as(scope: Scope, role: MemberRole, id = 'usr_ann'): Scope {
  return user(scope.workspaceId, role, id);
}

function user(workspaceId: string, role: MemberRole, id = 'usr_ann'): Scope {
  return { workspaceId, actor: { type: 'user', id, name: id, email: `${id}@example.com`, role } };
}

export function withKey(scope: Scope, environment: string | null, role: Extract<Actor, { type: 'key' }>['role'] = 'gateway'): Scope {
  return { workspaceId: scope.workspaceId, actor: { type: 'key', id: 'key_1', name: 'key', role, environment } };
}

export function prompt(template: string, more: Partial<PromptKernel> = {}): PromptKernel {
  return { model: 'demo-large', template, ...more };
}

/** The AppError of a refusal: its code, and a message that says what was wrong. */
export async function refusal(attempt: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<AppError> {
  const outcome = await attempt.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in outcome)) throw new Error(`not refused: ${JSON.stringify(outcome.value)}`);
  if (!(outcome.error instanceof AppError)) throw outcome.error;
  expect(outcome.error.message).toMatch(message);
  expect(outcome.error.code).toBe(code);
  return outcome.error;
}

/** The storage, with every statement of the room counted. */
export function counting(storage: FilesDeps['storage']): { storage: FilesDeps['storage']; statements: () => number } {
  let statements = 0;
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      statements += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const counted: FilesDeps['storage'] = {
    database: <Tables>() => storage.database<Tables>().withPlugin(plugin),
    listen: (channel, listener) => storage.listen(channel, listener),
    onReconnect: (listener) => storage.onReconnect(listener),
  };
  return { storage: counted, statements: () => statements };
}

import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type FileKind, type ImportSource, type JsonObject, type Scope, systemScope } from '@whetstone/contract';
import { createSandbox, judgedByCode } from '@whetstone/sandbox';
import { ZipFile } from 'yazl';
import type { Snapshot } from '../../../files/index.ts';
import { createLog } from '../../../log.ts';
import type { ImportReport } from '../../index.ts';
import { type ExchangeHouse, openExchange } from '../../test/open.ts';

/** Strings are written as they are, lists of `.jsonl` as lines of JSON, everything else as JSON. */
export type Tree = Record<string, unknown>;

/** A workspace to import into, on real stores. */
export interface Importing {
  house: ExchangeHouse;
  /** A workspace in which nothing is. */
  fresh(): Promise<void>;
  run(tree: Tree, options?: { dryRun?: boolean; to?: string }): Promise<ImportReport>;
  /** The newest version of a file. */
  file<K extends FileKind>(kind: K, path: string): Promise<Snapshot<K>>;
  datapoints(path: string): Promise<unknown[]>;
  /** Kind and path of every file that was not there from the start. */
  files(): Promise<string[]>;
  /** What the code of an evaluator that came along makes of a log, in the sandbox in which the server runs it. */
  judge(path: string, log: JsonObject, testcase: JsonObject | null): Promise<unknown>;
  scope(): Scope;
  close(): Promise<void>;
}

const probing = createSandbox({ log: createLog('silent') });
const { python } = await probing.probe();
await probing.close();
/** Why code in Python runs nowhere here; null: it runs. */
export const noPython = python.walls === 'disabled' ? python.why : null;
/** For the name of a test that needs it. */
export const skipped = noPython === null ? '' : ` (skipped: ${noPython})`;

let workspaces = 0;

export async function openImporting(source: ImportSource): Promise<Importing> {
  const house = await openExchange();
  const directory = mkdtempSync(join(tmpdir(), 'whetstone-import-'));
  const sandbox = createSandbox({ log: createLog('silent') });
  let scope: Scope;
  const importing: Importing = {
    house,
    async fresh() {
      scope = systemScope(`ws_${source}_${(workspaces += 1)}`, 'test');
      await house.files.prepareWorkspace(scope.workspaceId);
    },
    async run(tree, { dryRun = false, to } = {}) {
      const path = join(directory, `${randomBytes(6).toString('hex')}.zip`);
      await pipeline(packed(tree).outputStream, createWriteStream(path));
      const options = { dryRun, to: to ?? null, onProgress: () => undefined, signal: new AbortController().signal };
      return house.exchange.import(scope, source, path, options);
    },
    async file(kind, path) {
      const { file } = await house.files.get(scope, kind, { path });
      const [newest] = await house.files.versions(scope, kind, file.id);
      if (newest === undefined) throw new Error(`${path} has no versions`);
      return newest;
    },
    async datapoints(path) {
      const { version } = await house.files.get(scope, 'dataset', { path });
      const { records } = await house.files.datasets.datapoints(scope, version.id);
      return records.map(({ inputs, messages, target, metadata }) => ({
        inputs,
        messages,
        target,
        ...(metadata === null ? {} : { metadata }),
      }));
    },
    async files() {
      const { files } = await house.files.tree(scope);
      return files.flatMap(({ kind, file }) => (file.path.startsWith('feedback/') ? [] : [`${kind} ${file.path}`])).toSorted();
    },
    async judge(path, log, testcase) {
      const { spec } = (await importing.file('evaluator', path)).version.kernel;
      if (spec.evaluator_type !== 'python') throw new Error(`${path} is no code`);
      const program = { tenant: scope.workspaceId, language: spec.language ?? 'python', source: spec.code } as const;
      const judged = judgedByCode(spec, await sandbox.judge(program, { log, testcase }));
      return judged.outcome === 'judged' ? judged.value : judged;
    },
    scope: () => scope,
    async close() {
      await sandbox.close();
      await house.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return importing;
}

function packed(tree: Tree): ZipFile {
  const zip = new ZipFile();
  for (const [path, content] of Object.entries(tree)) zip.addBuffer(Buffer.from(textOf(path, content)), `export/${path}`);
  zip.end();
  return zip;
}

function textOf(path: string, content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content) || !path.endsWith('.jsonl')) return JSON.stringify(content);
  return content.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
}

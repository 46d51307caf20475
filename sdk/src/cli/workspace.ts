import type { AnyObject, FileKind } from '@whetstone/contract';
import type { Api } from '../client/api.ts';
import { WhetstoneError } from '../client/errors.ts';
import { formatOf } from './formats/index.ts';

/** A file of the workspace as of the version that counts: the newest, or the one deployed to an environment. */
export interface RemoteFile {
  kind: FileKind;
  id: string;
  path: string;
  version: string;
}

interface FileRecord {
  id: string;
  type: FileKind;
  path: string;
  version_id: string;
}
/** What all kinds can do, whatever their own fields are. */
interface KindApi {
  get(input: { id: string; version_id: string }): Promise<AnyObject>;
  /** Prompts and agents. */
  serialize(input: { id: string; version_id: string }): Promise<string>;
  delete(input: { id: string }): Promise<void>;
  listVersions(input: { id: string }): Promise<{ records: { version_id: string }[] }>;
  upsert(input: AnyObject): Promise<FileRecord>;
  setDeployment(input: { id: string; environment_id: string; version_id: string; expected_version_id?: string }): Promise<unknown>;
  listEnvironments(input: { id: string }): Promise<{ id: string; name: string; file: { version_id: string } | null }[]>;
}

const atOnce = 8;
const pageSize = 100;
const datapointsAtOnce = 1000;

/** The workspace as the command line sees it: files, their texts, new versions. */
export class Workspace {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** All files, or those of a directory or of one path; as of the environment, without what is not deployed there. */
  async list(filter: { path: string | null; environment: string | null; kinds: readonly FileKind[] }): Promise<RemoteFile[]> {
    const records: FileRecord[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await this.#api.files.listFiles({
        page,
        size: pageSize,
        type: filter.kinds.length === 0 ? undefined : [...filter.kinds],
        environment: filter.environment ?? undefined,
      });
      records.push(...(answer.records as FileRecord[]));
      if (answer.records.length < pageSize) break;
    }
    const wanted = records.filter(({ path }) => filter.path === null || path === filter.path || path.startsWith(`${filter.path}/`));
    return mapAtOnce(wanted, async ({ type: kind, id, path, version_id: listed }) => {
      if (filter.environment !== null) return { kind, id, path, version: listed };
      const [newest] = (await this.#kind(kind).listVersions({ id })).records;
      return { kind, id, path, version: newest?.version_id ?? listed };
    });
  }

  /** A version as text; null when there is no such version any more. */
  async text(kind: FileKind, id: string, version: string): Promise<string | null> {
    try {
      return await this.#print(kind, id, version);
    } catch (error) {
      if (error instanceof WhetstoneError && error.status === 404) return null;
      throw error;
    }
  }

  async #print(kind: FileKind, id: string, version: string): Promise<string> {
    const input = { id, version_id: version };
    if (kind === 'prompt' || kind === 'agent') return this.#kind(kind).serialize(input);
    const response = await this.#kind(kind).get(input);
    if (kind === 'dataset') response['datapoints'] = await this.#datapoints(id, version);
    return formatOf(kind).print?.(response) ?? '';
  }

  async #datapoints(id: string, version: string): Promise<AnyObject[]> {
    const datapoints: AnyObject[] = [];
    for (let page = 1; ; page += 1) {
      const { records } = await this.#api.datasets.listDatapoints({ id, version_id: version, page, size: datapointsAtOnce });
      datapoints.push(...(records as AnyObject[]));
      if (records.length < datapointsAtOnce) return datapoints;
    }
  }

  /** Saves content as a version; the same content is the version that there is. */
  async save(kind: FileKind, path: string, content: AnyObject, parent: string | null): Promise<RemoteFile> {
    const saved = await this.#kind(kind).upsert({ ...content, path, ...(parent === null ? {} : { parent_version_id: parent }) });
    return { kind, id: saved.id, path: saved.path, version: saved.version_id };
  }

  async delete(kind: FileKind, id: string): Promise<void> {
    await this.#kind(kind).delete({ id });
  }

  /** Deploys a version. 409 when somebody deployed another one meanwhile. */
  async deploy({ kind, id, version }: RemoteFile, environment: string): Promise<void> {
    const places = await this.#kind(kind).listEnvironments({ id });
    const place = places.find(({ name }) => name === environment);
    if (place === undefined) throw new WhetstoneError(404, `Environment \`${environment}\` does not exist.`);
    if (place.file?.version_id === version) return;
    await this.#kind(kind).setDeployment({
      id,
      environment_id: place.id,
      version_id: version,
      expected_version_id: place.file?.version_id ?? '',
    });
  }

  #kind(kind: FileKind): KindApi {
    return (this.#api as unknown as Record<string, KindApi>)[`${kind}s`] as KindApi;
  }
}

export async function mapAtOnce<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await act(items[index] as T);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}

import type { EvaluatorSpec } from '@whetstone/contract';
import type { Api } from '../../client/api.ts';
import { WhetstoneError } from '../../client/errors.ts';
import { Whetstone } from '../../whetstone.ts';
import { CannotMeasure, type Reference } from '../plan.ts';

/** The server that an evaluation runs against. */
export interface Session {
  url: string;
  apiKey: string;
  signal: AbortSignal;
  environment: Record<string, string | undefined>;
  progress: (name: string) => (done: number, all: number) => void;
}

export interface Connection {
  api: Api;
  signal: AbortSignal;
  /** A page of an evaluation in the web app. */
  pageOf: (evaluationId: string) => string;
}

/** @throws CannotMeasure when nobody answers, or the key is none */
export async function connect({ url, apiKey, signal }: Session): Promise<Connection> {
  const { api } = new Whetstone({ apiKey, baseUrl: url, logging: false });
  try {
    const { slug } = await api.workspace.get();
    return { api, signal, pageOf: (id) => `${url}/w/${slug}/evaluations/${id}` };
  } catch (error) {
    if (!(error instanceof WhetstoneError)) throw error;
    if (error.status === 401) throw new CannotMeasure(`${url} does not know this API key: ${error.message}`);
    throw new CannotMeasure(error.message);
  }
}

const isVersionId = (text: string): boolean => /^[a-z]{2,5}_[0-9A-Za-z]{15,}$/.test(text);

export interface Version {
  fileId: string;
  path: string;
  versionId: string;
}

type Kind = 'prompts' | 'evaluators' | 'datasets' | 'flows' | 'agents' | 'tools';
interface Answer {
  id: string;
  path: string;
  version_id: string;
  spec?: EvaluatorSpec;
}

/** A file of the workspace by its path, as of the version that is meant. @throws CannotMeasure when it is not there */
export async function find({ api }: Connection, kind: Kind, reference: Reference): Promise<Version & { spec: EvaluatorSpec | null }> {
  const { path, at } = reference;
  const missing = (why: string): CannotMeasure =>
    new CannotMeasure(`There is no ${kind.slice(0, -1)} \`${path}\`${at === null ? '' : ` @ \`${at}\``} in the workspace${why}`);
  try {
    const file = await api.files.retrieveByPath({ path });
    if (file.type !== kind.slice(0, -1)) throw missing(`: it is a ${file.type}.`);
    const query = at === null ? {} : isVersionId(at) ? { version_id: at } : { environment: at };
    const get = api[kind].get as unknown as (input: object) => Promise<Answer>;
    const answer = await get({ id: file.id, ...query });
    return { fileId: answer.id, path: answer.path, versionId: answer.version_id, spec: answer.spec ?? null };
  } catch (error) {
    if (error instanceof WhetstoneError && error.status === 404) throw missing(`: ${error.message}`);
    throw error;
  }
}

import { AppError, type AnyObject, type OtelRule, type PromptKernel, type Scope } from '@whetstone/contract';
import { normalisePath, pathProblem } from '@whetstone/domain';
import type { Files, Snapshot } from '../files/index.ts';
import { textOf } from './attributes.ts';
import type { ReadSpan } from './log-of.ts';
import { pathByRules } from './rules.ts';

/** The file and version that a span's log belongs to. */
export interface Target {
  fileId: string;
  versionId: string;
  contentHash: string;
}

const freshMs = 5_000;
const mostRemembered = 5_000;
/** Paths made from span names in one workspace; what comes beyond shares one file. */
const mostPaths = 1_000;

/** Finds or makes files and versions, and remembers them for a while: thousands of spans a second name the same few. */
export class Targets {
  readonly #files: Pick<Files, 'upsert' | 'upsertHidden'>;
  readonly #now: () => number;
  readonly #known = new Map<string, { at: number; target: Target | Promise<Target> }>();
  readonly #paths = new Map<string, Set<string>>();

  constructor(files: Pick<Files, 'upsert' | 'upsertHidden'>, now: () => number) {
    this.#files = files;
    this.#now = now;
  }

  /** No promise where it is known. */
  of(scope: Scope, read: ReadSpan, rules: readonly OtelRule[]): Target | Promise<Target> {
    const { span, reading } = read;
    const said = usable(reading.path ?? pathByRules(rules, span, reading.kind));
    const path = said ?? this.#ownPath(scope.workspaceId, read);
    const kernel = kernelOf(read);
    const key = `${scope.workspaceId} ${reading.kind} ${said === null ? 'own' : 'said'} ${path} ${JSON.stringify(kernel)}`;
    const known = this.#known.get(key);
    if (known !== undefined && this.#now() - known.at < freshMs) return known.target;
    const target = this.#make(scope, read, { path, kernel, said: said !== null });
    const entry: { at: number; target: Target | Promise<Target> } = { at: this.#now(), target };
    this.#known.delete(key);
    this.#known.set(key, entry);
    if (this.#known.size > mostRemembered)
      for (const oldest of [...this.#known.keys()].slice(0, mostRemembered / 10)) this.#known.delete(oldest);
    target.then(
      (made) => (entry.target = made),
      // A failure is not remembered.
      () => this.#known.delete(key),
    );
    return target;
  }

  forget(workspaceId: string): void {
    for (const key of this.#known.keys()) if (key.startsWith(`${workspaceId} `)) this.#known.delete(key);
    this.#paths.delete(workspaceId);
  }

  /** A path that holds another kind, or a kernel that the contract refuses, costs no span: there is always a place of its own. */
  async #make(scope: Scope, read: ReadSpan, wanted: { path: string; kernel: AnyObject; said: boolean }): Promise<Target> {
    const { kind } = read.reading;
    try {
      return targetOf(await this.#save(scope, kind, wanted.path, wanted.kernel, wanted.said));
    } catch (error) {
      if (!(error instanceof AppError) || (error.code !== 'conflict' && error.code !== 'invalid_input')) throw error;
      const path = error.code === 'conflict' ? `${this.#ownPath(scope.workspaceId, read)} (${kind})` : wanted.path;
      const kernel = error.code === 'invalid_input' ? leastKernel(kind, wanted.kernel) : wanted.kernel;
      return targetOf(await this.#save(scope, kind, path, kernel, wanted.said && error.code !== 'conflict'));
    }
  }

  /** What an application named is a file like any other. What nobody named stays out of lists where it can, until a person saves it. */
  async #save(scope: Scope, kind: 'prompt' | 'tool' | 'flow', path: string, kernel: AnyObject, said: boolean): Promise<Snapshot> {
    if (kind === 'prompt' && !said) {
      return this.#files.upsertHidden(scope, { path, kernel: kernel as unknown as PromptKernel, reason: 'gateway' });
    }
    if (kind === 'prompt') return (await this.#files.upsert(scope, kind, { path, kernel: kernel as unknown as PromptKernel })).snapshot;
    if (kind === 'tool') return (await this.#files.upsert(scope, kind, { path, kernel })).snapshot;
    return (await this.#files.upsert(scope, kind, { path, kernel })).snapshot;
  }

  /** `otel/SERVICE/SPAN NAME`. Ids inside the names of spans would make a file each. */
  #ownPath(workspaceId: string, { span, reading }: ReadSpan): string {
    const service = segment(textOf(span.resource.get('service.name'))) || 'unknown service';
    const name = segment(reading.kind === 'flow' ? span.name.replace(idsInNames, '*') : span.name) || 'unnamed';
    const path = usable(`otel/${service}/${name}`) ?? 'otel/unnamed';
    const paths = this.#paths.get(workspaceId) ?? new Set();
    this.#paths.set(workspaceId, paths);
    if (paths.size >= mostPaths && !paths.has(path)) return `otel/other`;
    paths.add(path);
    return path;
  }
}

const idsInNames = /[0-9a-f]{8}-[0-9a-f-]{27}|\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b|\b\d{3,}\b/gi;

function targetOf({ file, version }: Snapshot): Target {
  return { fileId: file.id, versionId: version.id, contentHash: version.contentHash };
}

function usable(path: string | null): string | null {
  if (path === null) return null;
  const normal = normalisePath(path.toWellFormed());
  return pathProblem(normal) === null ? normal : null;
}

function segment(text: string): string {
  const clean = text
    .toWellFormed()
    .replace(/[\p{C}\u2028\u2029/]+/gu, '-')
    .trim()
    .slice(0, 200);
  return clean === '.' || clean === '..' ? '' : clean;
}

function kernelOf({ reading }: ReadSpan): AnyObject {
  if (reading.kind === 'tool') return { ...reading.tool };
  if (reading.kind === 'flow') return { attributes: reading.flow ?? {} };
  const provider = reading.log.provider ?? null;
  const model = reading.prompt?.['model'] ?? reading.log.model ?? 'unknown';
  return { ...reading.prompt, model, ...(provider === null ? {} : { provider }) };
}

function leastKernel(kind: 'prompt' | 'tool' | 'flow', kernel: AnyObject): AnyObject {
  if (kind !== 'prompt') return kind === 'tool' ? { attributes: kernel } : {};
  return { model: String(kernel['model']).slice(0, 200) || 'unknown' };
}

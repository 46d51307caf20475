import type { Datapoint, EvaluatorKernel, EvaluatorSpec, PromptKernel } from '@whetstone/contract';
import { maxDatapoints } from '@whetstone/contract';
import { pathProblem } from '@whetstone/domain';
import type { Report } from '../report.ts';

/** What a format was read into: files with their versions, oldest first, all small enough to be in memory together. */
export type ArrivingFile =
  | (Common & { kind: 'prompt'; versions: ArrivingVersion<PromptKernel>[] })
  | (Common & { kind: 'evaluator'; versions: ArrivingVersion<EvaluatorKernel>[] })
  | (Common & { kind: 'dataset'; versions: ArrivingVersion<ArrivingDataset>[] });
export interface ArrivingDataset {
  datapoints: Datapoint[];
  attributes: Record<string, unknown> | null;
}
interface Common {
  path: string;
  description: string | null;
  tags: string[];
}
export interface ArrivingVersion<Content> {
  /** Place in what is imported. */
  where: string;
  content: Content;
  name?: string | null;
  description?: string | null;
  at?: Date | null;
  /** Environments by name; null is the default one. */
  deployTo?: readonly (string | null)[];
}
interface Labels {
  description?: string | null;
  tags?: string[];
}

/** Gathers what arrives: one file a path, whatever order its parts are read in. Names become paths here. */
export class Arriving {
  readonly #files = new Map<string, ArrivingFile>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  prompt(name: string, version: ArrivingVersion<PromptKernel>, labels: Labels = {}): void {
    const file = this.#file('prompt', name, version.where, labels);
    this.#report.found('versions');
    if (typeof version.content.provider === 'string') this.#report.reenter('providers', version.content.provider);
    file.versions.push(version);
  }

  /** The same specification twice under one name is one. */
  evaluator(name: string, where: string, spec: EvaluatorSpec, description: string | null = null): void {
    const file = this.#file('evaluator', name, where, { description });
    const text = JSON.stringify(spec);
    if (file.versions.some(({ content }) => JSON.stringify(content.spec) === text)) return;
    this.#report.found('versions');
    file.versions.push({ where, content: { spec }, deployTo: file.versions.length === 0 ? [null] : [] });
  }

  dataset(name: string, where: string, labels: Labels & { attributes?: Record<string, unknown> | null } = {}): ArrivingDataset {
    const file = this.#file('dataset', name, where, labels);
    let [version] = file.versions;
    if (version === undefined) {
      this.#report.found('versions');
      version = { where, content: { datapoints: [], attributes: null }, deployTo: [null] };
      file.versions.push(version);
    }
    if (labels.attributes) version.content.attributes = labels.attributes;
    return version.content;
  }

  datapoint(dataset: ArrivingDataset, where: string, datapoint: Datapoint): void {
    this.#report.found('datapoints');
    if (dataset.datapoints.length < maxDatapoints) dataset.datapoints.push(datapoint);
    else this.#report.problem(where, 'datapoint', `A dataset holds ${maxDatapoints.toLocaleString('en')} datapoints at most.`);
  }

  /** What links comes after what it links to, and what is read first comes first. */
  files(): ArrivingFile[] {
    return [...this.#files.values()].filter(({ versions }) => versions.length > 0);
  }

  #file<K extends ArrivingFile['kind']>(kind: K, name: string, where: string, labels: Labels): Extract<ArrivingFile, { kind: K }> {
    const path = this.#pathFor(kind, name, where);
    let file = this.#files.get(path) as Extract<ArrivingFile, { kind: K }> | undefined;
    if (file === undefined) {
      this.#report.found('files');
      file = { kind, path, description: null, tags: [], versions: [] } as unknown as Extract<ArrivingFile, { kind: K }>;
      this.#files.set(path, file);
    }
    file.description ??= labels.description ?? null;
    file.tags = [...new Set([...file.tags, ...(labels.tags ?? [])])];
    return file;
  }

  /** Elsewhere a prompt and a dataset may have one name; here a path holds one file. */
  #pathFor(kind: ArrivingFile['kind'], name: string, where: string): string {
    const path = pathOf(name);
    const there = this.#files.get(path);
    if (there === undefined || there.kind === kind) return path;
    const other = `${path} (${kind})`;
    if (!this.#files.has(other)) this.#report.problem(where, kind, `At \`${path}\` is a ${there.kind} already; it comes as \`${other}\`.`);
    return other;
  }
}

const longestSegment = 200;

/** A path for any name: what a path cannot have becomes `_`. */
export function pathOf(name: string): string {
  const segments = name
    .normalize('NFC')
    .split('/')
    .map((segment) => segmentOf(segment))
    .filter((segment) => segment !== '');
  return segments.length === 0 ? 'unnamed' : segments.join('/');
}

/** One part of a path; '' stays ''. */
export function segmentOf(text: string): string {
  const clean = Array.from(text.toWellFormed().replaceAll('/', '-'))
    .map((char) => (pathProblem(`x${char}x`) === null ? char : '_'))
    .join('');
  const short = clean.trim().slice(0, longestSegment).trim();
  return short === '.' || short === '..' ? '_' : short;
}

/** A name for what a file holds that names nothing itself: its path, without the directory that was packed and the ending. */
export function nameOfFile(path: string): string {
  const inside = path.includes('/') ? path.slice(path.indexOf('/') + 1) : path;
  return inside.replace(/\.[^./]+$/, '');
}

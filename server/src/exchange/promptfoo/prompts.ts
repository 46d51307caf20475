import { posix } from 'node:path';
import type { Template } from '@whetstone/contract';
import { parse } from 'csv-parse/sync';
import { parse as parseYaml } from 'yaml';
import { fileText, isLines, isRecord, isYaml, matching, textOf } from '../formats/documents.ts';
import { segmentOf } from '../formats/arriving.ts';
import { kernelOf, messagesOf, placeholderModel, translated } from '../formats/prompt-kernel.ts';
import { whyNot } from '../humanloop/shapes.ts';
import type { Reading } from './promptfoo.ts';
import type { Provider } from './providers.ts';

interface Prompt {
  where: string;
  label: string;
  /** As providers name it. */
  names: string[];
  text: string;
  config: Record<string, unknown>;
}

const isProgram = /\.(?:[cm]?[jt]sx?|py|rb|sh|bash|pl|php|go|lua)(?::[\w.]+)?$/;
const elsewhere = /^(?:langfuse|portkey|helicone|exec|python|https?):/;

/** Each prompt is a file; each provider that gets it a version. */
export async function readPrompts(reading: Reading, providers: readonly Provider[]): Promise<void> {
  const { config, report, where } = reading;
  const given = config['prompts'] ?? [];
  // An older form: paths with their labels.
  const entries: unknown[] = isRecord(given)
    ? Object.entries(given).map(([id, label]) => ({ id, label }))
    : Array.isArray(given)
      ? given
      : [given];
  const prompts: Prompt[] = [];
  for (const entry of entries) prompts.push(...(await promptsOf(reading, entry, reading.directory)));
  if (providers.length === 0 && prompts.length > 0)
    report.problem(where, 'providers', `There is no model among them; ${placeholderModel} stands in its place.`);
  for (const [index, prompt] of prompts.entries()) arrive(reading, prompt, index, prompts, providers);
}

async function promptsOf(reading: Reading, entry: unknown, directory: string): Promise<Prompt[]> {
  const { where, report, archive } = reading;
  const record = isRecord(entry) ? entry : {};
  const source = typeof entry === 'string' ? entry : (textOf(record['raw']) ?? textOf(record['id']) ?? textOf(record['prompt']));
  if (source === null) {
    report.problem(where, 'prompt', 'It has neither a text nor the name of a file.');
    return [];
  }
  const label = textOf(record['label']) ?? textOf(record['display']);
  const config = isRecord(record['config']) ? record['config'] : {};
  const path = source.replace(/^file:\/\//, '');
  const oneLine = !source.includes('\n');
  if (oneLine && (elsewhere.test(source) || (isProgram.test(path) && !source.includes('{{')))) {
    report.problem(where, `prompt ${source}`, 'It is made by a program or kept by another service, neither of which is asked.');
    return [];
  }
  const isFile = source.startsWith('file://') || (oneLine && /\.(?:txt|md|json|jsonl|j2|ya?ml|csv)$/.test(path));
  const paths = isFile ? matching(archive, directory, path) : [];
  if (isFile && paths.length === 0) {
    report.problem(where, `prompt ${source}`, 'The file is not in the export.');
    return [];
  }
  if (paths.length === 0) return [{ where, label: label ?? '', names: [label ?? '', source], text: source, config }];
  const all: Prompt[] = [];
  for (const each of paths) all.push(...(await promptsOfFile(reading, each, label, config)));
  return all;
}

async function promptsOfFile(reading: Reading, path: string, label: string | null, config: Record<string, unknown>): Promise<Prompt[]> {
  const text = await fileText(reading.archive, reading.report, path);
  if (text === null) return [];
  const stem = posix.basename(path).replace(/\.[^.]+$/, '');
  const made = (raw: string, own: string): Prompt => ({
    where: path,
    label: own,
    names: [own, label ?? own, path, `file://${path}`],
    text: raw,
    config,
  });
  if (path.endsWith('.csv')) {
    const rows = parse(text, { columns: true, skip_empty_lines: true, relax_column_count: true }) as Record<string, string>[];
    return rows.flatMap((row, index) => (row['prompt'] ? [made(row['prompt'], row['label'] ?? `${label ?? stem} ${index + 1}`)] : []));
  }
  if (isYaml(path)) {
    const document = parseYaml(text) as unknown;
    // A list of prompts, or the messages of one.
    if (Array.isArray(document) && messagesOf(document) === null) {
      const below = await Promise.all(document.map((entry) => promptsOf({ ...reading, where: path }, entry, posix.dirname(path))));
      return below.flat();
    }
    return [made(typeof document === 'string' ? document : JSON.stringify(document), label ?? stem)];
  }
  const several = isLines(path) ? text.split('\n') : path.endsWith('.txt') ? text.split(/^---\s*$/m) : [text];
  const texts = several.map((each) => each.trim()).filter((each) => each !== '');
  return texts.map((each, index) => made(each, texts.length === 1 ? (label ?? stem) : `${label ?? stem} ${index + 1}`));
}

function arrive(reading: Reading, prompt: Prompt, index: number, all: readonly Prompt[], providers: readonly Provider[]): void {
  const { into, report, base } = reading;
  const name = segmentOf(prompt.label) || (all.length === 1 ? 'prompt' : `prompt ${index + 1}`);
  const { template, lost: madeBy } = templateOf(prompt.text);
  const text = translated(template);
  for (const lost of [madeBy, text.lost]) if (lost !== null) report.problem(prompt.where, `prompt ${name}`, lost);
  const own = providers.filter((each) => each.prompts === null || each.prompts.some((wanted) => isFor(wanted, prompt)));
  const versions = own.length > 0 ? own : [null];
  for (const [place, provider] of versions.entries()) {
    try {
      const content = kernelOf(provider?.model ?? null, provider?.provider ?? null, text, { ...provider?.parameters, ...prompt.config });
      into.prompt(`${base}/${name}`, {
        where: prompt.where,
        content,
        name: provider?.label ?? null,
        description: `promptfoo ${reading.where}`,
        deployTo: place === 0 ? [null] : [],
      });
    } catch (error) {
      report.problem(prompt.where, `prompt ${name} with ${provider?.id ?? placeholderModel}`, whyNot(error));
    }
  }
}

/** `group` names `group:one`, and a star at the end what begins so. */
function isFor(wanted: string, { names }: Prompt): boolean {
  const start = wanted.replace(/:?\*$/, '');
  return names.some((name) => name === wanted || name.startsWith(`${start}:`) || (wanted.endsWith('*') && name.startsWith(start)));
}

/** Text that is JSON or YAML of messages is a chat. */
function templateOf(text: string): { template: Template; lost: string | null } {
  const start = text.trimStart();
  if (start.startsWith('[') || start.startsWith('{')) {
    try {
      const value = JSON.parse(text) as unknown;
      const messages = messagesOf(isRecord(value) ? value['messages'] : value);
      if (messages !== null) return { template: messages, lost: null };
    } catch {
      if (start.startsWith('[') && /"role"\s*:/.test(text))
        return { template: text, lost: 'Its template makes JSON of messages when it is filled in; here it is one text.' };
    }
  } else if (/^- role:/m.test(start)) {
    try {
      const messages = messagesOf(parseYaml(text));
      if (messages !== null) return { template: messages, lost: null };
    } catch {
      // It only looks like YAML.
    }
  }
  return { template: text, lost: null };
}

import type { ChatMessage, Template } from '@whetstone/contract';
import { type AnyRecord, isRecord, textOf } from '../formats/documents.ts';
import { dateOf, kernelOf, messagesOf, placeholderModel } from '../formats/prompt-kernel.ts';
import { whyNot } from '../humanloop/shapes.ts';
import { nameOf, type Reading, type Row } from './langfuse.ts';

interface Version {
  where: string;
  record: AnyRecord;
}

/** Langfuse moves this label by itself. */
const automatic = 'latest';
/** A part that another prompt's text is put into. */
const reference = /@@@langfusePrompt:[^@]*@@@/;

export class Prompts {
  readonly versions = new Map<string, Version[]>();
  /** What the list says there is; names without versions were listed and not fetched. */
  readonly listed = new Map<string, string>();

  arrive(reading: Reading): void {
    for (const [name, where] of this.listed) {
      if (!this.versions.has(name)) reading.report.problem(where, `prompt ${name}`, 'The export lists it and does not have its versions.');
    }
    for (const [name, versions] of this.versions) {
      const sorted = versions.toSorted((a, b) => Number(a.record['version']) - Number(b.record['version']));
      let hasModel = true;
      for (const { where, record } of sorted) {
        const label = `${name} version ${String(record['version'])}`;
        try {
          hasModel = arriveOne(name, where, label, record, reading) && hasModel;
        } catch (error) {
          reading.report.found('versions');
          reading.report.problem(where, `prompt ${label}`, whyNot(error));
        }
      }
      if (!hasModel)
        reading.report.problem(
          sorted[0]?.where ?? name,
          `model of ${name}`,
          `Its config names no model; ${placeholderModel} stands in its place.`,
        );
    }
  }
}

/** @returns whether it names a model */
function arriveOne(name: string, where: string, label: string, record: AnyRecord, { into, report }: Reading): boolean {
  const config = isRecord(record['config']) ? record['config'] : {};
  const { model: configured, modelName, model_name, provider, ...parameters } = config;
  const model = [configured, modelName, model_name].map((each) => textOf(each)).find((each) => each !== null) ?? null;
  const { template, lost } = templateOf(record['prompt']);
  for (const what of lost) report.problem(where, `prompt ${label}`, what);
  const labels = Array.isArray(record['labels']) ? record['labels'].map(String).filter((each) => each !== automatic) : [];
  into.prompt(
    name,
    {
      where,
      // Templates of Langfuse know variables only: whatever else is in braces is text, there and in our default dialect.
      content: kernelOf(model, textOf(provider), { template, language: null, lost: null }, parameters),
      name: `v${String(record['version'])}`,
      description: textOf(record['commitMessage']),
      at: dateOf(record['createdAt']),
      deployTo: labels,
    },
    { tags: Array.isArray(record['tags']) ? record['tags'].map(String) : [] },
  );
  return model !== null;
}

/** Placeholders stand for messages that the caller gives; here these follow the template. */
function templateOf(prompt: unknown): { template: Template; lost: string[] } {
  const lost: string[] = [];
  if (reference.test(JSON.stringify(prompt) ?? '')) lost.push('It names another prompt (`@@@langfusePrompt:…@@@`), which stays as text.');
  if (typeof prompt === 'string') return { template: prompt, lost };
  if (!Array.isArray(prompt)) throw new Error('it has neither text nor messages');
  const holders = prompt.flatMap((each, index) => (isPlaceholder(each) ? [{ index, name: String((each as AnyRecord)['name']) }] : []));
  const messages = prompt.filter((each) => !isPlaceholder(each));
  for (const { index, name } of holders) {
    if (index < messages.length)
      lost.push(`Its placeholder \`${name}\` stands between messages; here a caller’s messages follow the template.`);
  }
  if (holders.length > 1) lost.push(`Of its ${holders.length} placeholders one is left: the messages of the call.`);
  const read = messages.length === 0 ? [] : messagesOf(messages.map((each) => withoutType(each)));
  if (read === null) throw new Error('a message has a role or a content that a prompt cannot have');
  return { template: read satisfies ChatMessage[], lost };
}

const isPlaceholder = (each: unknown): boolean => isRecord(each) && each['type'] === 'placeholder';

function withoutType(message: unknown): unknown {
  if (!isRecord(message)) return message;
  const { type, ...rest } = message;
  return type === 'chatmessage' || type === undefined ? rest : message;
}

export const promptRows: readonly Row[] = [
  {
    recognises: ({ name, version, prompt }) =>
      typeof name === 'string' && typeof version === 'number' && (typeof prompt === 'string' || Array.isArray(prompt)),
    read: (record, where, { prompts }) => {
      const name = nameOf(record);
      const versions = prompts.versions.get(name) ?? [];
      prompts.versions.set(name, versions);
      if (!versions.some((each) => each.record['version'] === record['version'])) versions.push({ where, record });
    },
  },
  {
    recognises: ({ name, versions, labels }) => typeof name === 'string' && Array.isArray(versions) && Array.isArray(labels),
    read: (record, where, { prompts }) => {
      if (!prompts.listed.has(nameOf(record))) prompts.listed.set(nameOf(record), where);
    },
  },
];

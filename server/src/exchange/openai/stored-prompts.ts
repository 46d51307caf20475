import { whyNot } from '../humanloop/shapes.ts';
import { type AnyRecord, isRecord, textOf, written } from '../formats/documents.ts';
import { dateOf, kernelOf, messagesOf, placeholderModel, translated } from '../formats/prompt-kernel.ts';
import type { Reading, Row } from './openai.ts';

/**
 * A prompt object with its versions. The API gives no way to read one, so it is a record that somebody made: its id as `id`,
 * `prompt_id` or `openai_prompt_id`, and versions with messages, and parameters under the names of the Responses API, in
 * `config` or beside the messages. A prompt without `versions` is its own only version.
 */
export const storedPrompts: Row = {
  recognises: (record) => idOf(record) !== null,
  read: readStoredPrompt,
};

function idOf({ id, prompt_id, openai_prompt_id }: AnyRecord): string | null {
  return [id, prompt_id, openai_prompt_id].map((each) => textOf(each)).find((each) => each?.startsWith('pmpt_')) ?? null;
}

const about = new Set([
  'id',
  'prompt_id',
  'openai_prompt_id',
  'object',
  'name',
  'title',
  'description',
  'version',
  'versions',
  'production_version',
  'default_version',
  'current_version',
  'latest_version',
  'is_default',
  'created_at',
  'updated_at',
  'created_by',
  'variables',
  'messages',
  'input',
  'instructions',
  'config',
  'model',
  'commit_message',
]);

function readStoredPrompt(record: AnyRecord, where: string, { into, report }: Reading): void {
  const id = idOf(record) ?? '';
  const name = textOf(record['name']) ?? textOf(record['title']) ?? id;
  const given = Array.isArray(record['versions']) ? record['versions'].filter((each) => isRecord(each)) : [];
  const versions = (given.length > 0 ? given : [record]).toSorted((a, b) => Number(a['version'] ?? 0) - Number(b['version'] ?? 0));
  const wanted = record['production_version'] ?? record['default_version'] ?? record['current_version'];
  const deployed =
    versions.find(({ version, is_default }) => is_default === true || (wanted != null && written(version) === written(wanted))) ??
    versions.at(-1);
  for (const version of versions) {
    const label = version['version'] == null ? null : written(version['version']);
    const place = given.length > 0 ? `${where} version ${label ?? '?'}` : where;
    const messages = messagesFrom(version);
    if (messages === null) {
      report.found('versions');
      report.problem(place, 'version', 'It has no messages: `messages`, `input` or `instructions`.');
      continue;
    }
    const config = isRecord(version['config']) ? version['config'] : {};
    const beside = Object.fromEntries(Object.entries(version).filter(([key]) => !about.has(key)));
    const { model: configured, ...parameters } = { ...beside, ...config };
    const model = textOf(configured) ?? textOf(version['model']);
    if (model === null) report.problem(place, 'model', `It names no model; ${placeholderModel} stands in its place.`);
    try {
      const content = kernelOf(model, 'openai', translated(messages), parameters);
      into.prompt(
        name,
        {
          where: place,
          content,
          name: label === null ? null : `v${label}`,
          description: textOf(version['commit_message']) ?? `OpenAI ${id}${label === null ? '' : ` version ${label}`}`,
          at: dateOf(version['created_at']),
          deployTo: version === deployed ? [null] : [],
        },
        { description: textOf(record['description']) },
      );
    } catch (error) {
      report.found('versions');
      report.problem(place, 'version', whyNot(error));
    }
  }
}

/** Instructions are the developer's message, as the Responses API has it. */
function messagesFrom({ messages, input, instructions }: AnyRecord) {
  const listed = messagesOf(messages) ?? messagesOf(input) ?? messagesOf(instructions);
  const first = textOf(instructions);
  const last = textOf(input);
  const all = [
    ...(first === null ? [] : [{ role: 'developer' as const, content: first }]),
    ...(listed ?? []),
    ...(last === null || listed !== null ? [] : [{ role: 'user' as const, content: last }]),
  ];
  return all.length === 0 ? null : all;
}

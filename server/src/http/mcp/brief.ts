import type { AnyObject } from '@whetstone/contract';

/** Answers cut to what a model needs to read: its context is dear, and a log can be megabytes. */

const longestText = 4_000;

/** Only these fields, and of them only what says something. */
export function pick(record: object, fields: readonly string[]): AnyObject {
  const source = record as AnyObject;
  return Object.fromEntries(fields.flatMap((field) => (isNothing(source[field]) ? [] : [[field, source[field]]])));
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

/** Long texts shortened in the middle, with a word on how much is missing. */
export function shorten(value: unknown, longest = longestText): unknown {
  if (typeof value === 'string') {
    if (value.length <= longest) return value;
    const half = Math.floor(longest / 2);
    return `${value.slice(0, half)}… [${value.length - longest} characters left out] …${value.slice(-half)}`;
  }
  if (Array.isArray(value)) return value.map((item) => shorten(item, longest));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shorten(item, longest)]));
}

const logFields = [
  'id',
  'type',
  'created_at',
  'status',
  'error',
  'model',
  'latency_ms',
  'cost_usd',
  'prompt_tokens',
  'output_tokens',
  'user',
  'session',
  'origin',
  'trace_id',
  'trace_parent_id',
  'input_preview',
  'output_preview',
];

/** A log as a line of a list, with the file and version that ran. */
export function briefLog(log: object): AnyObject {
  return { ...pick(log, logFields), ...fileOf(log) };
}

export function fileOf(log: object): AnyObject {
  const record = log as AnyObject;
  const file = (record['prompt'] ?? record['tool'] ?? record['flow'] ?? record['agent'] ?? record['evaluator']) as AnyObject | undefined;
  return file === undefined ? {} : { path: file['path'], version_id: file['version_id'] };
}

export function briefFile(file: object): AnyObject {
  const record = file as AnyObject;
  const environments = (record['environments'] as { name: string }[] | undefined)?.map(({ name }) => name);
  return {
    ...pick(file, ['path', 'type', 'id', 'description', 'tags', 'version_id', 'version_name', 'model', 'updated_at', 'total_logs_count']),
    deployed_to: environments,
  };
}

import type { AnyObject, JsonObject } from '@whetstone/contract';
import { getOwn } from './text.ts';

/*
 * What an evaluator is given. Server, CLI and SDK make it of v5's answers by these functions, so that the same log is judged
 * alike everywhere: nothing in it changes by being judged, counted or deployed.
 */

const logFields = [
  'id',
  'type',
  'created_at',
  'start_time',
  'end_time',
  'inputs',
  'messages',
  'output',
  'output_message',
  'error',
  'status',
  'finish_reason',
  'tool_choice',
  'model',
  'provider_name',
  'provider_latency',
  'latency_ms',
  'first_token_ms',
  'prompt_tokens',
  'output_tokens',
  'reasoning_tokens',
  'prompt_cost',
  'output_cost',
  'cost_usd',
  'estimated',
  'user',
  'session',
  'environment',
  'reference_id',
  'source',
  'source_datapoint_id',
  'metadata',
  'stdout',
  'provider_request',
  'provider_response',
  'origin',
  'trace_id',
  'trace_parent_id',
  'log_status',
  'payload',
] as const;
const kinds = ['prompt', 'tool', 'flow', 'agent'] as const;
/** Of the version that made the log. */
const fileFields = [
  'id',
  'path',
  'name',
  'version_id',
  'version_name',
  'model',
  'provider',
  'endpoint',
  'template',
  'template_language',
  'temperature',
  'top_p',
  'max_tokens',
  'stop',
  'presence_penalty',
  'frequency_penalty',
  'seed',
  'reasoning_effort',
  'response_format',
  'tools',
  'other',
  'attributes',
] as const;
const datapointFields = ['id', 'inputs', 'messages', 'target'] as const;

/** A log of v5, any kind, as `evaluate(log)` gets it: every field is there, null when the log has none; `trace_children` likewise, in order. */
export function judgedLog(log: AnyObject): JsonObject {
  const judged = picked(log, logFields);
  for (const kind of kinds) {
    const file = getOwn(log, kind);
    if (isObject(file)) judged[kind] = present(file);
  }
  const children = getOwn(log, 'trace_children');
  judged['trace_children'] = Array.isArray(children) ? children.filter(isObject).map(judgedLog) : [];
  return judged;
}

/** A datapoint of v5 as `evaluate(log, testcase)` gets it. */
export function judgedDatapoint(datapoint: AnyObject): JsonObject {
  return picked(datapoint, datapointFields);
}

function picked(from: AnyObject, names: readonly string[]): JsonObject {
  const to: AnyObject = {};
  for (const name of names) to[name] = getOwn(from, name) ?? null;
  return to as JsonObject;
}

function present(file: AnyObject): JsonObject {
  const to: AnyObject = {};
  for (const name of fileFields) {
    const value = getOwn(file, name);
    if (value !== undefined && value !== null) to[name] = value;
  }
  return to as JsonObject;
}

function isObject(value: unknown): value is AnyObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

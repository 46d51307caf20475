import type { AnyObject } from '@whetstone/contract';
import { logFilterFields } from '@whetstone/domain';
import { z } from 'zod';
import { briefLog, fileOf, shorten } from '../brief.ts';
import { type McpTool, operationTool, tool } from '../tool.ts';

const language = `The filter language: terms side by side mean "and"; OR, parentheses and a leading minus work; a comma is an "or" of values, a star ends a beginning. A word without a field is searched in inputs and outputs. Fields: ${Object.entries(
  logFilterFields,
)
  .map(([name, { help }]) => `${name} (${help})`)
  .join(', ')}. Example: status:error file:support/answer latency>2s`;

const window = {
  start_date: z.string().nullish().describe('ISO 8601; only logs from then on'),
  end_date: z.string().nullish().describe('ISO 8601; only logs before'),
};
const filter = z.string().nullish().describe(language);

export const logTools: readonly McpTool[] = [
  tool({
    name: 'query_logs',
    title: 'Query logs',
    description: 'Logs that match a filter, newest first, as previews. Read one whole with read_log.',
    permission: 'read',
    input: z.object({
      filter,
      ...window,
      sort: z.enum(['-at', 'at', '-latency', '-cost']).default('-at'),
      size: z.int().min(1).max(100).default(20),
      before: z.string().nullish().describe('Id of the last log of the page before this one'),
    }),
    async run({ operation }, { size, before, ...query }) {
      const { records, total } = await operation('logs.list', { ...query, size, before, summary: 'true', page: 1 });
      return { logs: records.map(briefLog), total, ...(records.length === size ? { next: `before: ${records.at(-1)?.id}` } : {}) };
    },
  }),
  tool({
    name: 'read_log',
    title: 'Read a log',
    description: 'One log whole: inputs, messages, output, error, tokens, cost, and what evaluators and people said of it.',
    permission: 'read',
    input: z.object({ id: z.string(), whole_texts: z.boolean().default(false).describe('Long texts are shortened unless this is true') }),
    async run({ operation }, { id, whole_texts: whole }) {
      const log = (await operation('logs.get', { id })) as unknown as AnyObject;
      const {
        provider_request: _request,
        provider_response: _response,
        evaluator_logs: judgments,
        trace_children: children,
        ...rest
      } = log;
      const { prompt: _prompt, tool: _tool, flow: _flow, agent: _agent, ...own } = rest;
      const said = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null && value !== ''));
      const read = {
        ...fileOf(log),
        ...said,
        judgments: ((judgments ?? []) as AnyObject[]).map(judgmentOf),
        children: ((children ?? []) as AnyObject[]).map((child) => briefLog(child)),
      };
      return whole ? read : shorten(read);
    },
  }),
  tool({
    name: 'read_trace',
    title: 'Read a trace',
    description: 'All logs of the trace that a log belongs to, in order of start, as previews with their parents.',
    permission: 'read',
    input: z.object({ id: z.string().describe('Id of any log of the trace') }),
    async run({ operation }, { id }) {
      const { root_id: rootId, records } = await operation('logs.trace', { id });
      return { root_id: rootId, logs: records.map(briefLog) };
    },
  }),
  operationTool('log_figures', 'Figures over time', 'logs.series', {
    leaveOut: ['in_trace_filter', 'metadata_search', 'search', 'version_status', 'counterfactual_of', 'id'],
    more: 'In equal buckets; `buckets: 1` with `group_by: version` compares versions. The `filter` is that of query_logs.',
  }),
  operationTool('log_values', 'Values to filter by', 'logs.facets', {
    leaveOut: ['in_trace_filter', 'metadata_search', 'search', 'version_status', 'counterfactual_of', 'id'],
  }),
];

function judgmentOf(log: AnyObject): AnyObject {
  const evaluator = log['evaluator'] as AnyObject | undefined;
  return {
    evaluator: evaluator?.['path'],
    source: log['judgment_source'],
    judge: log['judge'],
    judgment: log['judgment'],
    reason: log['output'],
    error: log['error'],
  };
}

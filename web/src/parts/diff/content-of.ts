import type { AgentKernel, AgentResponse, FileKind, Kernels } from '@whetstone/contract';
import { kernelOf } from '@whetstone/domain';
import type { VersionedFile } from '../file-query.ts';

/** What a version consists of, out of a file as the API answers it. */
export function contentOf(file: VersionedFile): Kernels[FileKind] {
  switch (file.type) {
    case 'prompt':
      return kernelOf(file);
    case 'tool':
      return {
        function: file.function,
        source_code: file.source_code,
        setup_values: file.setup_values,
        tool_type: file.tool_type,
        attributes: file.attributes,
      };
    case 'evaluator':
      return { spec: file.spec };
    case 'flow':
      return { attributes: file.attributes };
    case 'agent':
      return agentOf(file);
    case 'dataset':
      // The datapoints are rows of their own; equal ones have the same hash.
      return { datapoints_count: file.datapoints_count, datapoints_digest: file.content_hash.slice(0, 12), attributes: file.attributes };
  }
}

const agentFields = [
  'endpoint',
  'template',
  'template_language',
  'max_tokens',
  'temperature',
  'top_p',
  'stop',
  'presence_penalty',
  'frequency_penalty',
  'other',
  'seed',
  'response_format',
  'reasoning_effort',
  'attributes',
  'max_iterations',
] as const satisfies (keyof AgentKernel)[];

function agentOf(file: AgentResponse): AgentKernel {
  return {
    ...Object.fromEntries(agentFields.map((name) => [name, file[name]])),
    model: file.model,
    provider: file.provider_name,
    // What a link leads to is no part of the agent.
    tools: file.tools.map((tool) =>
      tool.type === 'file' ? { type: tool.type, link: tool.link, on_agent_call: tool.on_agent_call } : tool,
    ),
  };
}

import { z } from 'zod';
import { chatMessage, responseFormat, toolFunction } from './chat.ts';
import { jsonObject } from './json.ts';

/** What a version consists of, by kind. Names, descriptions and paths are not content. */

export const fileKinds = ['prompt', 'tool', 'dataset', 'evaluator', 'flow', 'agent'] as const;
export type FileKind = (typeof fileKinds)[number];

export const modelEndpoints = z.enum(['complete', 'chat', 'edit']);
export const templateLanguage = z.enum(['default', 'jinja']);
export type TemplateLanguage = z.infer<typeof templateLanguage>;

export const template = z.union([z.string(), z.array(chatMessage)]);
export type Template = z.infer<typeof template>;

const finite = z.number();

/** Model, template and parameters, shared by prompts, agents and LLM evaluators. */
const modelParameters = {
  model: z.string().min(1),
  endpoint: modelEndpoints.nullish(),
  template: template.nullish(),
  template_language: templateLanguage.nullish(),
  /** A provider of the table, or the name of one of the workspace's credentials. */
  provider: z.string().nullish(),
  max_tokens: z.int().nullish(),
  temperature: finite.nullish(),
  top_p: finite.nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  presence_penalty: finite.nullish(),
  frequency_penalty: finite.nullish(),
  other: jsonObject.nullish(),
  seed: z.int().nullish(),
  response_format: responseFormat.nullish(),
  reasoning_effort: z.union([z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']), z.int()]).nullish(),
};

export const promptKernel = z
  .object({
    ...modelParameters,
    tools: z.array(toolFunction).nullish(),
    /** Version ids of json_schema tools. */
    linked_tools: z.array(z.string()).nullish(),
    attributes: jsonObject.nullish(),
  })
  .meta({ id: 'PromptKernel' });
export type PromptKernel = z.infer<typeof promptKernel>;

/** v5's, and one of ours: to strict clients of v5 a `chroma_search` has no type. */
export const toolTypes = [
  'pinecone_search',
  'google',
  'mock',
  'snippet',
  'json_schema',
  'get_api_call',
  'python',
  'chroma_search',
] as const;
export type ToolType = (typeof toolTypes)[number];
export const toolKernel = z
  .object({
    function: toolFunction.nullish(),
    source_code: z.string().nullish(),
    setup_values: jsonObject.nullish(),
    attributes: jsonObject.nullish(),
    tool_type: z.enum(toolTypes).nullish(),
  })
  .meta({ id: 'ToolKernel' });
export type ToolKernel = z.infer<typeof toolKernel>;

export const valence = z.enum(['positive', 'negative', 'neutral']);
export type Valence = z.infer<typeof valence>;
export const returnTypes = ['boolean', 'number', 'select', 'multi_select', 'text'] as const;
export type ReturnType = (typeof returnTypes)[number];

const evaluatorCommon = {
  arguments_type: z.enum(['target_free', 'target_required']).default('target_free'),
  return_type: z.enum(returnTypes),
  attributes: jsonObject.nullish(),
  options: z.array(z.object({ name: z.string(), valence: valence.nullish() })).nullish(),
  number_limits: z.object({ min: finite.nullish(), max: finite.nullish(), step: finite.nullish() }).nullish(),
  number_valence: valence.nullish(),
};

/** What a judge that compares two answers says of the log: against the other one it is … */
export const pairOptions = [
  { name: 'better', valence: 'positive' },
  { name: 'tie', valence: 'neutral' },
  { name: 'worse', valence: 'negative' },
] as const satisfies { name: string; valence: Valence }[];
export type PairVerdict = (typeof pairOptions)[number]['name'];

function answersAsPair({
  return_type: type,
  options,
}: {
  return_type: ReturnType;
  options?: { name: string }[] | null | undefined;
}): boolean {
  const names = (options ?? []).map(({ name }) => name);
  return type === 'select' && names.length === pairOptions.length && pairOptions.every(({ name }) => names.includes(name));
}

export const evaluatorSpec = z
  .discriminatedUnion('evaluator_type', [
    z.object({ evaluator_type: z.literal('human'), ...evaluatorCommon, instructions: z.string().nullish() }),
    z.object({
      evaluator_type: z.literal('external'),
      ...evaluatorCommon,
      /** Ours: one of the evaluators that come with Whetstone, which the server runs. To v5's clients it judges outside. */
      library: z
        .object({
          name: z.string().min(1),
          options: jsonObject.nullish(),
          /** For those that ask a model, and those that compare embeddings. */
          model: z.string().min(1).nullish(),
          embedding_model: z.string().min(1).nullish(),
        })
        .nullish(),
    }),
    // Ours: `language`, where JavaScript may have types. v5 knows code in Python only.
    z.object({
      evaluator_type: z.literal('python'),
      ...evaluatorCommon,
      code: z.string(),
      language: z.enum(['python', 'javascript']).nullish(),
    }),
    // Ours: `votes`, how often the judge is asked for one judgment; `pairwise`, it compares a log with another one of the same case.
    z
      .object({
        evaluator_type: z.literal('llm'),
        ...evaluatorCommon,
        prompt: promptKernel.nullish(),
        votes: z.int().min(1).max(15).nullish(),
        pairwise: z.boolean().nullish(),
      })
      .refine((spec) => spec.pairwise !== true || answersAsPair(spec), {
        path: ['options'],
        message: 'A judge that compares two answers gives `select` with the options `better`, `tie` and `worse`.',
      }),
  ])
  .meta({ id: 'EvaluatorSpec' });
export type EvaluatorSpec = z.infer<typeof evaluatorSpec>;

export const evaluatorKernel = z.object({ spec: evaluatorSpec });
export type EvaluatorKernel = z.infer<typeof evaluatorKernel>;

export const flowKernel = z.object({ attributes: jsonObject.nullish() }).meta({ id: 'FlowKernel' });
export type FlowKernel = z.infer<typeof flowKernel>;

/** `stop`: the agent's turn ends when the model calls the tool. */
export const onAgentCall = z.enum(['stop', 'continue']);
/** A function that the caller runs: the agent waits for its result. */
export const agentInlineTool = z.object({
  type: z.literal('inline').default('inline'),
  json_schema: toolFunction,
  on_agent_call: onAgentCall.nullish(),
});
/** A version by id, what is deployed to an environment, or neither: what is deployed to the default one. */
export const linkedFile = z.object({ file_id: z.string(), environment_id: z.string().nullish(), version_id: z.string().nullish() });
/** A tool, prompt or agent of the workspace, which the server runs. */
export const agentLinkedFile = z.object({
  type: z.literal('file').default('file'),
  link: linkedFile,
  on_agent_call: onAgentCall.nullish(),
});
export type AgentLinkedFile = z.infer<typeof agentLinkedFile>;
export const agentTool = z.union([agentLinkedFile, agentInlineTool]);
export type AgentTool = z.infer<typeof agentTool>;

export const agentKernel = z
  .object({
    ...modelParameters,
    tools: z.array(agentTool).nullish(),
    attributes: jsonObject.nullish(),
    /** Model calls of one turn. */
    max_iterations: z.int().min(1).nullish(),
  })
  .meta({ id: 'AgentKernel' });
export type AgentKernel = z.infer<typeof agentKernel>;

/** The datapoints themselves are rows of their own; a version is named by the digest of their set. */
export const datasetKernel = z
  .object({ datapoints_digest: z.string().nullish(), datapoints_count: z.int().nullish(), attributes: jsonObject.nullish() })
  .meta({ id: 'DatasetKernel' });
export type DatasetKernel = z.infer<typeof datasetKernel>;

export interface Kernels {
  prompt: PromptKernel;
  tool: ToolKernel;
  evaluator: EvaluatorKernel;
  flow: FlowKernel;
  agent: AgentKernel;
  dataset: DatasetKernel;
}
export const kernelSchemas = {
  prompt: promptKernel,
  tool: toolKernel,
  evaluator: evaluatorKernel,
  flow: flowKernel,
  agent: agentKernel,
  dataset: datasetKernel,
} as const;

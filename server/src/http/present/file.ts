import type {
  AgentKernel,
  AgentLinkedFile,
  AgentTool,
  EnvironmentResponse,
  EvaluatorKernel,
  FileKind,
  FileResponse,
  FlowKernel,
  Kernels,
  PromptKernel,
  ToolFunction,
  ToolKernel,
} from '@whetstone/contract';
import { functionOfFile, printPromptFile } from '@whetstone/domain';
import type { Attached } from '../../monitors/index.ts';
import type { Environment, Snapshot, StoredDatapoint } from '../../files/index.ts';
import type { People } from '../../people/index.ts';

/** Providers that v5 has a name for; strict clients refuse others. */
const v5Providers = new Set([
  'anthropic',
  'bedrock',
  'cohere',
  'deepseek',
  'google',
  'groq',
  'mock',
  'openai',
  'openai_azure',
  'replicate',
]);
const v5Efforts = new Set<unknown>(['high', 'medium', 'low']);

export function presentEnvironment(environment: Environment): EnvironmentResponse {
  return {
    id: environment.id,
    name: environment.name,
    tag: environment.isDefault ? 'default' : 'other',
    created_at: environment.createdAt.toISOString(),
    protected: environment.protected,
  };
}

export interface PersonResponse {
  id: string;
  full_name: string | null;
  email_address: string | null;
}
type Names = Awaited<ReturnType<People['users']['names']>>;

export function presentPerson(names: Names, id: string | null): PersonResponse | null {
  if (id === null) return null;
  // What the server did by itself: `system:demo` is "Demo".
  if (id.startsWith('system:')) return { id, full_name: `${id.charAt(7).toUpperCase()}${id.slice(8)}`, email_address: null };
  const known = names.get(id);
  return { id, full_name: known?.name ?? null, email_address: known?.email ?? null };
}

/** How often a version ran; absent when the caller does not show it. */
export interface Counts {
  total: number;
  version: number;
  lastAt: Date | null;
}
export interface FileExtras {
  names: Names;
  counts?: Counts | undefined;
  linkedTools?: Map<string, Snapshot> | undefined;
  /** Files that agents link, by `linkKey`. */
  linkedFiles?: Map<string, Snapshot> | undefined;
  raw?: boolean | undefined;
  /** Of a dataset, when they are asked for. */
  datapoints?: StoredDatapoint[] | undefined;
  /** Evaluators attached to the file. */
  monitors?: Attached[] | undefined;
}

/** One file as of one version, in v5's form; all keys that strict clients require are there. */
export function presentFile(snapshot: Snapshot, extras: FileExtras): FileResponse {
  const { file, version } = snapshot;
  const creator = presentPerson(extras.names, version.createdBy);
  const common = {
    path: file.path,
    id: file.id,
    directory_id: file.directoryId,
    name: file.name,
    description: file.description,
    readme: file.readme,
    tags: file.tags,
    schema: null,
    version_id: version.id,
    version_name: version.name,
    version_description: version.description,
    environments: snapshot.environments.map(presentEnvironment),
    created_at: file.createdAt.toISOString(),
    updated_at: file.updatedAt.toISOString(),
    created_by: presentPerson(extras.names, file.createdBy),
    committed_by: creator,
    committed_at: version.createdAt.toISOString(),
    last_used_at: (extras.counts?.lastAt ?? file.lastUsedAt).toISOString(),
    status: version.status,
    version_logs_count: extras.counts?.version ?? 0,
    total_logs_count: extras.counts?.total ?? 0,
    inputs: snapshot.inputs.map((name) => ({ name })),
    evaluators: (extras.monitors ?? []).map((monitor) => presentMonitor(monitor, extras.names)),
    evaluator_aggregates: [],
    attributes: null as Record<string, unknown> | null,
    content_hash: version.contentHash,
    version_created_at: version.createdAt.toISOString(),
    parent_version_id: version.parentVersionId,
  };
  return { ...common, ...kinds[snapshot.kind](version.kernel as never, extras) } as unknown as FileResponse;
}

/** What each kind adds to the common answer. */
const kinds: { [K in FileKind]: (kernel: Kernels[K], extras: FileExtras) => Record<string, unknown> } = {
  prompt: presentPrompt,
  tool: (kernel: ToolKernel) => ({
    type: 'tool',
    function: kernel.function ? presentFunction(kernel.function) : null,
    source_code: kernel.source_code ?? null,
    setup_values: kernel.setup_values ?? null,
    attributes: kernel.attributes ?? null,
    tool_type: kernel.tool_type === 'chroma_search' ? null : (kernel.tool_type ?? (kernel.function ? 'json_schema' : null)),
    tool_type_name: kernel.tool_type ?? (kernel.function ? 'json_schema' : null),
    signature: kernel.function ? signature(kernel.function) : null,
  }),
  evaluator: ({ spec }: EvaluatorKernel) => ({ type: 'evaluator', spec: presentSpec(spec), attributes: spec.attributes ?? {} }),
  flow: (kernel: FlowKernel) => ({ type: 'flow', attributes: kernel.attributes ?? {} }),
  agent: presentAgent,
  dataset: (kernel, extras) => ({
    type: 'dataset',
    attributes: kernel.attributes ?? {},
    datapoints_count: kernel.datapoints_count ?? 0,
    datapoints: extras.datapoints ?? null,
  }),
};

/** What prompts and agents have in common. */
function presentModel(kernel: PromptKernel | AgentKernel): Record<string, unknown> {
  const provider = kernel.provider ?? null;
  return {
    model: kernel.model,
    endpoint: kernel.endpoint ?? null,
    template: kernel.template ?? null,
    template_language: kernel.template_language ?? null,
    provider: provider !== null && v5Providers.has(provider) ? provider : null,
    provider_name: provider,
    max_tokens: kernel.max_tokens ?? null,
    temperature: kernel.temperature ?? null,
    top_p: kernel.top_p ?? null,
    stop: kernel.stop ?? null,
    presence_penalty: kernel.presence_penalty ?? null,
    frequency_penalty: kernel.frequency_penalty ?? null,
    other: kernel.other ?? null,
    seed: kernel.seed ?? null,
    response_format: kernel.response_format ?? null,
    reasoning_effort:
      v5Efforts.has(kernel.reasoning_effort) || typeof kernel.reasoning_effort === 'number' ? kernel.reasoning_effort : null,
    reasoning_effort_name: kernel.reasoning_effort ?? null,
    attributes: kernel.attributes ?? null,
  };
}

function presentPrompt(kernel: PromptKernel, extras: FileExtras): Record<string, unknown> {
  return {
    type: 'prompt',
    ...presentModel(kernel),
    tools: (kernel.tools ?? []).map(presentFunction),
    linked_tools: (kernel.linked_tools ?? []).flatMap((id) => presentLinkedTool(id, extras.linkedTools?.get(id))),
    raw_file_content: extras.raw === true ? printPromptFile('prompt', kernel) : null,
  };
}

/** The prompt of a judge has to fit strict clients as any other does. */
function presentSpec(spec: EvaluatorKernel['spec']): Record<string, unknown> {
  if (spec.evaluator_type !== 'llm' || !spec.prompt) return spec;
  const { tools, linked_tools, attributes } = spec.prompt;
  const more = { tools: (tools ?? []).map(presentFunction), linked_tools: linked_tools ?? [], attributes: attributes ?? null };
  return { ...spec, prompt: { ...presentModel(spec.prompt), ...more } };
}

function presentAgent(kernel: AgentKernel, extras: FileExtras): Record<string, unknown> {
  return {
    type: 'agent',
    ...presentModel(kernel),
    max_iterations: kernel.max_iterations ?? null,
    tools: (kernel.tools ?? []).map((tool) => presentAgentTool(tool, extras)),
    raw_file_content: extras.raw === true ? printPromptFile('agent', kernel) : null,
  };
}

/** What was read from text may leave the type out. */
function presentAgentTool(tool: AgentTool, extras: FileExtras): Record<string, unknown> {
  const on_agent_call = tool.on_agent_call ?? null;
  if (!('link' in tool)) return { type: 'inline', json_schema: presentFunction(tool.json_schema), on_agent_call };
  const linked = extras.linkedFiles?.get(linkKey(tool.link));
  const { file_id, environment_id = null, version_id = null } = tool.link;
  // One step deep: an agent may link itself.
  const file = linked === undefined ? null : presentFile(linked, { names: extras.names });
  return { type: 'file', link: { file_id, environment_id, version_id }, on_agent_call, file };
}

type Link = AgentLinkedFile['link'];

/** Names what a link asks for. */
export function linkKey({ file_id, environment_id, version_id }: Link): string {
  return JSON.stringify([file_id, environment_id ?? null, version_id ?? null]);
}

function presentFunction(tool: ToolFunction): ToolFunction {
  return { name: tool.name, description: tool.description ?? '', strict: tool.strict ?? null, parameters: tool.parameters ?? null };
}

function presentLinkedTool(versionId: string, snapshot: Snapshot | undefined): Record<string, unknown>[] {
  if (snapshot?.kind !== 'tool') return [];
  const declared = functionOfFile(snapshot.file, (snapshot.version.kernel as ToolKernel).function, snapshot.inputs);
  return [{ ...presentFunction(declared), id: snapshot.file.id, version_id: versionId }];
}

function signature(tool: ToolFunction): string {
  const properties = tool.parameters?.['properties'];
  const names = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  return `${tool.name}(${names.join(', ')})`;
}

/** The evaluators of a monitor are shown without the monitors on them, which would never end. */
function presentMonitor({ version, reference, state, createdAt, updatedAt }: Attached, names: Names) {
  const shown = (snapshot: Snapshot) => presentFile(snapshot, { names });
  return {
    version_reference:
      reference.type === 'version'
        ? { type: 'version', version: shown(reference.version) }
        : { type: 'environment', file: shown(reference.file), environment: presentEnvironment(reference.environment) },
    version: version === null ? null : shown(version),
    state,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
}

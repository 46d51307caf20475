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
  Scope,
  ToolFunction,
  ToolKernel,
} from '@whetstone/contract';
import { functionOfFile, printPromptFile } from '@whetstone/domain';
import type { Evaluations, Monitor } from '../../evaluations/index.ts';
import type { Environment, Files, Snapshot, StoredDatapoint } from '../../files/index.ts';
import type { Logs } from '../../logs/index.ts';
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
  monitors?: Monitor[] | undefined;
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
  evaluator: (kernel: EvaluatorKernel) => ({ type: 'evaluator', spec: kernel.spec, attributes: kernel.spec.attributes ?? {} }),
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

function linkKey({ file_id, environment_id, version_id }: Link): string {
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
function presentMonitor({ version, reference, state, createdAt, updatedAt }: Monitor, names: Names) {
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

interface Options {
  raw?: boolean;
  counts?: boolean;
  /** All of each dataset. */
  datapoints?: boolean;
}

async function datapointsOf(files: Files, scope: Scope, snapshots: readonly Snapshot[]): Promise<Map<string, StoredDatapoint[]>> {
  const found = new Map<string, StoredDatapoint[]>();
  for (const { kind, version } of snapshots) {
    if (kind === 'dataset') found.set(version.id, (await files.datasets.datapoints(scope, version.id)).records);
  }
  return found;
}

/** What the agents among the files link, as it is resolved now. What is gone, or not for this key, is left out. */
async function linkedFilesOf(files: Files, scope: Scope, snapshots: readonly Snapshot[]): Promise<Map<string, Snapshot>> {
  const links = snapshots.flatMap((s) => (s.kind === 'agent' ? ((s.version.kernel as AgentKernel).tools ?? []) : []));
  const found = new Map<string, Snapshot>();
  const wanted = new Map(links.flatMap((tool) => ('link' in tool ? [[linkKey(tool.link), tool.link] as const] : [])));
  if (wanted.size === 0) return found;
  const names = new Map((await files.environments.list(scope)).map(({ id, name }) => [id, name]));
  for (const [key, link] of wanted) {
    const at = { versionId: link.version_id, environment: link.environment_id == null ? null : names.get(link.environment_id) };
    const linked = await files.resolve(scope, null, { id: link.file_id }, at).catch(() => null);
    if (linked !== null) found.set(key, linked.snapshot);
  }
  return found;
}

/** Presents many files with one query each for names, counts and linked tools. */
export function filePresenter(rooms: { people: People; files: Files; logs: Logs; evaluations: Pick<Evaluations, 'monitors'> }) {
  return async (scope: Scope, snapshots: Snapshot[], options: Options = {}): Promise<FileResponse[]> => {
    const people = snapshots.flatMap((s) => [s.file.createdBy, s.version.createdBy]).filter((id) => id !== null);
    const linked = snapshots.flatMap((s) => (s.kind === 'prompt' ? ((s.version.kernel as PromptKernel).linked_tools ?? []) : []));
    const fileIds = [...new Set(snapshots.map((s) => s.file.id))];
    const [names, monitors, counts, linkedTools, linkedFiles] = await Promise.all([
      rooms.people.users.names([...new Set(people)]),
      rooms.evaluations.monitors.of(scope, fileIds),
      options.counts === false
        ? new Map()
        : // Files are readable while the log store is away; how often they ran is then unknown and shown as none.
          rooms.logs.counts(scope, fileIds).catch(() => new Map()),
      linked.length === 0 ? new Map<string, Snapshot>() : rooms.files.versionsById(scope, linked),
      linkedFilesOf(rooms.files, scope, snapshots),
    ]);
    const datapoints =
      options.datapoints === true ? await datapointsOf(rooms.files, scope, snapshots) : new Map<string, StoredDatapoint[]>();
    return snapshots.map((snapshot) => {
      const count = counts.get(snapshot.file.id);
      return presentFile(snapshot, {
        names,
        linkedTools,
        linkedFiles,
        raw: options.raw,
        datapoints: datapoints.get(snapshot.version.id),
        monitors: monitors.get(snapshot.file.id),
        counts:
          count === undefined
            ? undefined
            : { total: count.total, version: count.byVersion.get(snapshot.version.id) ?? 0, lastAt: count.lastAt },
      });
    });
  };
}
export type FilePresenter = ReturnType<typeof filePresenter>;

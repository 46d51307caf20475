import { AppError, type FileKind, type Scope } from '@whetstone/contract';
import { diffKernels, lineDiff, parsePromptFile, printKernelText } from '@whetstone/domain';
import { z } from 'zod';
import type { Snapshot } from '../../../files/index.ts';
import { briefFile } from '../brief.ts';
import { type McpTool, operationTool, tool, type ToolContext } from '../tool.ts';

const path = z.string().describe('Path of the file, such as support/answer');
const version = z
  .string()
  .nullish()
  .describe('Version id (prv_…). Without it and an environment: what is deployed to the default environment');
const environment = z.string().nullish().describe('Name of an environment, such as production: the version deployed there');

export const fileTools: readonly McpTool[] = [
  operationTool('search_files', 'Search files', 'files.list_files', {
    leaveOut: ['user_filter', 'sort_by', 'order', 'template', 'include_raw_file_content'],
    more: '`name` finds part of a name, `path` a directory and everything below, `type` a kind: prompt, tool, dataset, evaluator, flow, agent. Paged by `page` and `size`.',
    show: ({ records, total, page }) => ({ files: records.map(briefFile), page, total }),
  }),
  tool({
    name: 'read_file',
    title: 'Read a file',
    description: 'A file as of one of its versions, as text: `.prompt` text for prompts and agents, YAML for the other kinds.',
    permission: 'fetch',
    input: z.object({ path, version_id: version, environment }),
    async run({ scope, rooms }, { path: at, version_id: versionId, environment: place }) {
      const snapshot = await rooms.files.get(scope, null, { path: at }, { versionId, environment: place });
      return { ...about(snapshot), variables: snapshot.inputs, text: printKernelText(snapshot.kind, snapshot.version.kernel) };
    },
  }),
  tool({
    name: 'list_versions',
    title: 'List versions',
    description: 'The versions of a file, newest first, with where each is deployed.',
    permission: 'fetch',
    input: z.object({ path, limit: z.int().min(1).max(200).default(20) }),
    async run(context, { path: at, limit }) {
      const versions = await versionsOf(context, at);
      return { path: at, versions: versions.slice(0, limit).map(about), total: versions.length };
    },
  }),
  tool({
    name: 'diff_versions',
    title: 'Compare two versions',
    description: 'What changed from one version of a file to another: the fields, and the text line by line.',
    permission: 'read',
    input: z.object({ path, from: z.string().describe('Version id'), to: z.string().describe('Version id') }),
    async run({ scope, rooms }, { path: at, from, to }) {
      const before = await rooms.files.get(scope, null, { path: at }, { versionId: from });
      const after = await rooms.files.get(scope, before.kind, { path: at }, { versionId: to });
      return { path: at, from, to, ...difference(before, after) };
    },
  }),
  tool({
    name: 'propose_version',
    title: 'Propose a version',
    description:
      'Save text as a new version of a prompt or agent, for people to look at, compare and deploy. Nothing is deployed by this. Read the file first and change its text; the front matter has model and parameters, the body the messages. The same content is the version that there is.',
    permission: 'write',
    writes: true,
    input: z.object({
      path,
      text: z.string().describe('The whole `.prompt` or `.agent` text'),
      type: z.enum(['prompt', 'agent']).default('prompt'),
      version_name: z.string().max(255).nullish().describe('A short name for the version'),
      reason: z.string().max(4000).nullish().describe('What was changed and why; kept as the description of the version'),
      based_on: z.string().nullish().describe('Id of the version that was edited'),
    }),
    run: proposeVersion,
  }),
];

interface Proposal {
  path: string;
  text: string;
  type: 'prompt' | 'agent';
  version_name?: string | null | undefined;
  reason?: string | null | undefined;
  based_on?: string | null | undefined;
}

async function proposeVersion({ scope, rooms }: ToolContext, given: Proposal): Promise<unknown> {
  const parsed = parsePromptFile(given.type, given.text);
  if (!parsed.ok)
    throw new AppError('invalid_input', `text: line ${parsed.error.line}, column ${parsed.error.column}: ${parsed.error.message}`);
  const before = await rooms.files.find(
    scope,
    given.type,
    { path: given.path },
    given.based_on == null ? {} : { versionId: given.based_on },
  );
  const { snapshot, createdVersion } = await rooms.files.upsert(scope, given.type, {
    path: given.path,
    kernel: parsed.kernel,
    versionName: given.version_name ?? null,
    versionDescription: given.reason ?? null,
    parentVersionId: before?.version.id ?? null,
    // A first version is otherwise served at once.
    deployFirst: false,
  });
  return {
    ...about(snapshot),
    saved: createdVersion ? 'a new version, deployed nowhere' : 'nothing: this content is a version already',
    ignored_keys: parsed.ignored,
    ...(before === null ? {} : { compared_with: before.version.id, ...difference(before, snapshot) }),
  };
}

function about(snapshot: Snapshot): Record<string, unknown> {
  const { file, version: at, kind } = snapshot;
  return {
    path: file.path,
    type: kind,
    file_id: file.id,
    version_id: at.id,
    version_name: at.name,
    version_description: at.description,
    created_at: at.createdAt.toISOString(),
    deployed_to: snapshot.environments.map(({ name }) => name),
  };
}

async function versionsOf({ scope, rooms }: { scope: Scope; rooms: ToolContext['rooms'] }, at: string): Promise<Snapshot[]> {
  const { kind, file } = await rooms.files.get(scope, null, { path: at });
  return rooms.files.versions(scope, kind, file.id);
}

function difference(before: Snapshot, after: Snapshot): Record<string, unknown> {
  const textOf = ({ kind, version: at }: Snapshot) => printKernelText<FileKind>(kind, at.kernel);
  const lines = lineDiff(textOf(before), textOf(after)).flatMap(({ kind, text }) =>
    text
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => `${kind === 'same' ? ' ' : kind === 'added' ? '+' : '-'}${line}`),
  );
  return { changed_fields: diffKernels(before.version.kernel, after.version.kernel).map((change) => change.path), diff: lines.join('\n') };
}

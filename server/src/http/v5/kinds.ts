import { type EndpointName, type FileKind, type Kernels, kernelSchemas, type MonitorReference, type Scope } from '@whetstone/contract';
import { diffKernels, printKernelText } from '@whetstone/domain';
import type { MonitorRef } from '../../monitors/index.ts';
import type { Snapshot, UpsertInput } from '../../files/index.ts';
import { presentEnvironment, presentPerson } from '../present/file.ts';
import type { Handlers, HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';
import { experimentOf, exposed } from './unit.ts';

const plurals = {
  prompts: 'prompt',
  tools: 'tool',
  evaluators: 'evaluator',
  flows: 'flow',
  datasets: 'dataset',
  agents: 'agent',
} as const satisfies Record<string, FileKind>;
type Plural = keyof typeof plurals;
type Shared =
  | 'list'
  | 'upsert'
  | 'get'
  | 'delete'
  | 'move'
  | 'list_versions'
  | 'delete_version'
  | 'update_version'
  | 'set_deployment'
  | 'remove_deployment'
  | 'list_environments'
  | 'update_monitoring'
  | 'list_deployments'
  | 'diff';
type KindHandlers = Handlers<Extract<EndpointName, `${Plural}.${Shared}`>>;

/** The endpoints that all kinds share, written once. */
export function kindHandlers(rooms: Rooms): KindHandlers {
  const groups = Object.entries(plurals).map(([plural, kind]) => handlersOfKind(rooms, plural as Plural, kind));
  return Object.assign({}, ...groups) as KindHandlers;
}

/** A file is named by id or path; v5 refuses both and neither. */
export function kernelOf<K extends FileKind>(kind: K, body: object): Kernels[K] {
  return kernelSchemas[kind].parse(body) as Kernels[K];
}

// The handlers of one kind are those of any other, so they are written for prompts and mounted under each name.
function handlersOfKind(rooms: Rooms, plural: Plural, kind: FileKind): Record<string, unknown> {
  const { files } = rooms;
  const present = async (scope: Scope, snapshot: Snapshot) => (await rooms.presentFiles(scope, [snapshot]))[0] as never;
  const handlers: { [V in Shared]: HandlersOf<'prompts'>[`prompts.${V}`] } = {
    async list({ scope, query }) {
      const { records, total } = await files.list(scope, {
        kinds: [kind],
        name: query.name ?? null,
        createdBy: query.user_filter ?? null,
        sortBy: query.sort_by ?? null,
        order: query.order ?? null,
        page: query.page,
        size: query.size,
      });
      return { records: (await rooms.presentFiles(scope, records)) as never[], page: query.page, size: query.size, total };
    },
    async upsert({ scope, body }) {
      const { snapshot } = await files.upsert(scope, kind, upsertInput(kind, body));
      return present(scope, snapshot);
    },
    async get(call) {
      const { scope, params, query } = call;
      const found = await files.get(scope, kind, { id: params.id }, { versionId: query.version_id, environment: query.environment });
      const { snapshot, assigned, environment } = await exposed(rooms, call, found, 'get');
      return { ...((await present(scope, snapshot)) as object), ...experimentOf(assigned, environment) } as never;
    },
    async delete({ scope, params }) {
      await files.delete(scope, kind, params.id);
    },
    async move({ scope, params, body }) {
      return present(
        scope,
        await files.move(scope, kind, params.id, {
          path: body.path ?? null,
          name: body.name ?? null,
          ...(body.description === undefined ? {} : { description: body.description }),
          ...(body.tags === undefined ? {} : { tags: body.tags }),
          ...(body.readme === undefined ? {} : { readme: body.readme }),
        }),
      );
    },
    async list_versions({ scope, params }) {
      return { records: (await rooms.presentFiles(scope, await files.versions(scope, kind, params.id))) as never[] };
    },
    async delete_version({ scope, params }) {
      await files.deleteVersion(scope, kind, params.id, params.version_id);
    },
    async update_version({ scope, params, body }) {
      const patch = {
        ...(body.name === undefined ? {} : { name: body.name }),
        ...(body.description === undefined ? {} : { description: body.description }),
      };
      return present(scope, await files.updateVersion(scope, kind, params.id, params.version_id, patch));
    },
    async set_deployment({ scope, params, query }) {
      return present(
        scope,
        await files.deploy(scope, kind, params.id, params.environment_id, query.version_id, {
          ...expected(query.expected_version_id),
          message: query.message ?? null,
          overrideGates: query.override_gates ?? null,
        }),
      );
    },
    async remove_deployment({ scope, params, query }) {
      await files.undeploy(scope, kind, params.id, params.environment_id, expected(query.expected_version_id));
    },
    async list_environments({ scope, params }) {
      const deployed = await files.deployed(scope, kind, params.id);
      const snapshots = deployed.flatMap(({ snapshot }) => (snapshot === null ? [] : [snapshot]));
      const presented = new Map((await rooms.presentFiles(scope, snapshots)).map((file, i) => [snapshots[i], file]));
      return deployed.map(({ environment, snapshot }) => ({
        ...presentEnvironment(environment),
        file: snapshot === null ? null : (presented.get(snapshot) ?? null),
      }));
    },
    async update_monitoring({ scope, params, body }) {
      await rooms.monitors.attached.change(scope, kind, params.id, {
        activate: (body.activate ?? []).map(monitorOf),
        deactivate: (body.deactivate ?? []).map(monitorOf),
      });
      return present(scope, await files.get(scope, kind, { id: params.id }));
    },
    async list_deployments({ scope, params, query }) {
      const { records, total } = await files.deployments(scope, kind, params.id, {
        page: query.page,
        size: query.size,
        environmentId: query.environment_id ?? null,
      });
      const names = await rooms.people.users.names(records.flatMap((d) => (d.by === null ? [] : [d.by])));
      return {
        records: records.map((d) => ({
          id: d.id,
          environment: presentEnvironment(d.environment),
          version_id: d.versionId,
          previous_version_id: d.previousVersionId,
          content_hash: d.contentHash,
          version_name: d.versionName,
          action: d.action,
          message: d.message,
          created_at: d.at.toISOString(),
          created_by: presentPerson(names, d.by),
        })),
        page: query.page,
        size: query.size,
        total,
      };
    },
    async diff({ scope, params, query }) {
      const [from, to] = await Promise.all([
        files.get(scope, kind, { id: params.id }, { versionId: query.from }),
        files.get(scope, kind, { id: params.id }, { versionId: query.to }),
      ]);
      return {
        from: from.version.id,
        to: to.version.id,
        changes: diffKernels(from.version.kernel, to.version.kernel).map(({ path, kind: change, before, after }) => ({
          path,
          kind: change,
          before,
          after,
        })),
        from_text: printKernelText(kind, from.version.kernel),
        to_text: printKernelText(kind, to.version.kernel),
      };
    },
  };
  return Object.fromEntries(Object.entries(handlers).map(([verb, handler]) => [`${plural}.${verb}`, handler]));
}

/** `expected_version_id=` (empty) means "nothing deployed"; absent, anything may be. */
function expected(versionId: string | null | undefined): { expectedVersionId?: string } {
  return versionId === undefined || versionId === null ? {} : { expectedVersionId: versionId };
}

function monitorOf({ evaluator_version_id, evaluator_id, environment_id }: MonitorReference): MonitorRef {
  if (evaluator_version_id != null) return { evaluatorVersionId: evaluator_version_id };
  return { evaluatorId: evaluator_id ?? '', environmentId: environment_id ?? '' };
}

interface UpsertBody {
  path?: string | null | undefined;
  id?: string | null | undefined;
  version_name?: string | null | undefined;
  version_description?: string | null | undefined;
  description?: string | null | undefined;
  tags?: string[] | null | undefined;
  readme?: string | null | undefined;
  parent_version_id?: string | null | undefined;
}

function upsertInput<K extends FileKind>(kind: K, body: UpsertBody): UpsertInput<K> {
  return { ...labelsOf(body), kernel: kernelOf(kind, body) };
}

/** What an upsert says beside the kernel. */
export function labelsOf(body: UpsertBody): Omit<UpsertInput<FileKind>, 'kernel'> {
  return {
    path: body.path,
    id: body.id,
    versionName: body.version_name,
    versionDescription: body.version_description,
    description: body.description,
    tags: body.tags,
    readme: body.readme,
    parentVersionId: body.parent_version_id,
  };
}

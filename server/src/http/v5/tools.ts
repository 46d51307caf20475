import { AppError, type JsonObject, type Scope, type ToolCallRequest } from '@whetstone/contract';
import type { ToolResult, ToolVariable } from '../../tools/index.ts';
import type { Handlers } from './call.ts';
import type { Rooms } from './handlers.ts';
import { logEnvironment, logTarget } from './log-target.ts';

type Own = 'tools.call' | 'tools.get_environment_variables' | 'tools.add_environment_variable' | 'tools.delete_environment_variable';

/** What only tools do: run, and have environment variables. */
export function toolHandlers(rooms: Rooms): Handlers<Own> {
  const { tools } = rooms;
  return {
    async 'tools.call'({ scope, body, query, reply, signal }) {
      const target = await logTarget(rooms, scope, 'tool', {
        ...body,
        versionId: query.version_id,
        environment: query.environment,
        kernel: body.tool ?? null,
        emptyKernel: null,
      });
      const environmentId = await logEnvironment(rooms, scope, body.environment, target.environmentId);
      const tool = target.snapshot as Parameters<typeof tools.call>[1]['tool'];
      const inputs = (body.inputs ?? {}) as JsonObject;
      const result = await tools.call(scope, { tool, environmentId, inputs, log: logOf(scope, body) }, signal);
      if (result.dropped)
        throw new AppError('unavailable', 'The tool ran, but its log could not be written. Free the disk before it is called again.');
      void reply.header('x-whetstone-log-id', result.logId);
      return presentRun(rooms, scope, body, result);
    },
    async 'tools.get_environment_variables'({ scope, params }) {
      return (await tools.variables.list(scope, params.id)).map(presentVariable);
    },
    async 'tools.add_environment_variable'({ scope, params, body }) {
      return (await tools.variables.set(scope, params.id, body)).map(presentVariable);
    },
    async 'tools.delete_environment_variable'({ scope, params }) {
      await tools.variables.delete(scope, params.id, params.name);
      return (await tools.variables.list(scope, params.id)).map(presentVariable);
    },
  };
}

function logOf(scope: Scope, body: ToolCallRequest) {
  return {
    id: body.log_id ?? undefined,
    origin: 'api' as const,
    traceParentId: body.trace_parent_id ?? null,
    datapointId: body.source_datapoint_id ?? null,
    user: body.user ?? null,
    session: body.session ?? null,
    referenceId: body.reference_id ?? null,
    source: body.source ?? null,
    metadata: body.metadata ?? null,
    save: body.save ?? true,
    keyId: scope.actor.type === 'key' ? scope.actor.id : null,
  };
}

/** The log with what the run gave, which `save: false` or a redaction keeps out of the store. */
async function presentRun(rooms: Rooms, scope: Scope, body: ToolCallRequest, result: ToolResult) {
  const stored = await rooms.logs.find(scope, result.logId);
  if (stored === null) throw new AppError('not_found', `Log \`${result.logId}\` does not exist.`);
  const [log] = await rooms.presentLogs.logs(scope, [stored], { judgments: result.repeated });
  const { output, error } = result;
  return { ...log, ...(result.repeated ? {} : { output, error, inputs: body.inputs ?? {} }) } as never;
}

function presentVariable({ name, hint }: ToolVariable) {
  return { name, value: `••••${hint}` };
}

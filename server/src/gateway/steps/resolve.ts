import { AppError, type Scope } from '@whetstone/contract';
import type { Snapshot } from '../../files/index.ts';
import { parseFileName } from './model-name.ts';
import type { CallKind } from '../providers/dialect.ts';
import type { Asked, Found, NamedPrompt, Room, Target } from '../room.ts';
import { chooseTargets, type Chosen } from './route.ts';
import { resolveTarget, type Wanted } from './targets.ts';

/** Step 1: which version is meant; null: a model by its name. Throws what was wrong with the name. */
export function resolve(room: Room, scope: Scope, asked: Asked): NamedPrompt | null | Promise<NamedPrompt | null> {
  return 'prompt' in asked.names ? asked.names.prompt : promptOf(room, scope, asked, asked.names.model);
}

/** Where the model of the chosen version runs. Throws what was wrong with its name. */
export async function aim(room: Room, scope: Scope, prompt: NamedPrompt | null, asked: Asked): Promise<Found> {
  if (prompt === null) {
    const model = 'model' in asked.names ? asked.names.model : '';
    const [{ targets, chosen }, environmentId] = await Promise.all([
      targetsOf(room, scope, { model, provider: null, apiKeys: asked.apiKeys }, asked.kind),
      environmentOf(room, scope, asked.environment),
    ]);
    const [target] = targets;
    if (!target.provider.dialect.kinds.includes(asked.kind)) {
      throw new AppError('bad_request', `${target.provider.name} has no ${asked.kind === 'embeddings' ? 'embeddings' : asked.kind}.`);
    }
    return { prompt: null, kernel: null, environmentId, kind: asked.kind, targets, ...(chosen === undefined ? {} : { chosen }) };
  }
  const { kernel } = prompt.snapshot.version;
  const wanted = { model: kernel.model, provider: kernel.provider ?? null, apiKeys: asked.apiKeys };
  const { targets, chosen } = await targetsOf(room, scope, wanted, asked.kind);
  const [target] = targets;
  const complete = kernel.endpoint === 'complete' && target.provider.dialect.kinds.includes('complete');
  return {
    prompt,
    kernel,
    environmentId: prompt.environmentId ?? (await environmentOf(room, scope, asked.environment)),
    kind: asked.kind === 'chat' && complete ? 'complete' : asked.kind,
    targets,
    ...(chosen === undefined ? {} : { chosen }),
  };
}

/** A route's targets, or the one that the name stands for. */
async function targetsOf(
  room: Room,
  scope: Scope,
  wanted: Wanted,
  kind: CallKind,
): Promise<{ targets: [Target, ...Target[]]; chosen?: Chosen }> {
  const asked = wanted.provider ? null : room.routes.find(scope, wanted.model);
  const route = asked instanceof Promise ? await asked : asked;
  if (route !== null) return chooseTargets(room, scope, route, { kind, apiKeys: wanted.apiKeys });
  return { targets: [await resolveTarget(room, scope, wanted)] };
}

async function promptOf(room: Room, scope: Scope, asked: Asked, model: string): Promise<NamedPrompt | null> {
  const name = parseFileName(model);
  if (name === null) return null;
  if (name.kind === 'agent')
    throw new AppError('bad_request', 'Agents are called at /v1/chat/completions and /v5/agents/call; call a prompt here (`prompt:PATH`).');
  if (asked.kind === 'embeddings') throw new AppError('bad_request', 'A prompt gives no embeddings; name an embedding model.');
  const environment = name.at.environment ?? (name.at.versionId == null ? boundEnvironment(scope, asked.environment) : null);
  const { snapshot, environmentId } = await room.files.resolve(scope, 'prompt', name.ref, { versionId: name.at.versionId, environment });
  return { snapshot: snapshot as Snapshot<'prompt'>, environmentId };
}

/** The named one, or the id of the one that the caller's key is bound to; `files` refuses a bound key any other. */
export function boundEnvironment(scope: Scope, named: string | null): string | null {
  return named ?? (scope.actor.type === 'key' ? scope.actor.environment : null);
}

async function environmentOf(room: Room, scope: Scope, named: string | null): Promise<string | null> {
  const name = boundEnvironment(scope, named);
  if (name === null) return null;
  const id = await room.hidden.environmentId(scope, name);
  // The answer may be remembered from a caller who is not bound.
  if (scope.actor.type === 'key' && scope.actor.environment !== null && scope.actor.environment !== id) {
    throw new AppError('forbidden', `This API key is bound to another environment; it cannot call in \`${name}\`.`);
  }
  return id;
}

import { AppError, type Scope } from '@whetstone/contract';
import type { Snapshot } from '../../files/index.ts';
import { parseFileName } from './model-name.ts';
import type { Asked, Found, NamedPrompt, Room } from '../room.ts';
import { resolveTarget } from './targets.ts';

/** Step 1: which version is meant, and where its model runs. Throws what was wrong with the name. */
export async function resolve(room: Room, scope: Scope, asked: Asked): Promise<Found> {
  const prompt = 'prompt' in asked.names ? asked.names.prompt : await promptOf(room, scope, asked, asked.names.model);
  if (prompt === null) {
    const model = 'model' in asked.names ? asked.names.model : '';
    const [target, environmentId] = await Promise.all([
      resolveTarget(room, scope, { model, provider: null, apiKeys: asked.apiKeys }),
      environmentOf(room, scope, asked.environment),
    ]);
    if (!target.provider.dialect.kinds.includes(asked.kind)) {
      throw new AppError('bad_request', `${target.provider.name} has no ${asked.kind === 'embeddings' ? 'embeddings' : asked.kind}.`);
    }
    return { prompt: null, kernel: null, environmentId, kind: asked.kind, targets: [target] };
  }
  const { kernel } = prompt.snapshot.version;
  const target = await resolveTarget(room, scope, { model: kernel.model, provider: kernel.provider ?? null, apiKeys: asked.apiKeys });
  const complete = kernel.endpoint === 'complete' && target.provider.dialect.kinds.includes('complete');
  return {
    prompt,
    kernel,
    environmentId: prompt.environmentId ?? (await environmentOf(room, scope, asked.environment)),
    kind: asked.kind === 'chat' && complete ? 'complete' : asked.kind,
    targets: [target],
  };
}

async function promptOf(room: Room, scope: Scope, asked: Asked, model: string): Promise<NamedPrompt | null> {
  const name = parseFileName(model);
  if (name === null) return null;
  if (name.kind === 'agent')
    throw new AppError('bad_request', 'Agents cannot be called through the gateway yet; call a prompt (`prompt:PATH`).');
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

import { AppError, notFound } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { canonicalText, normalisePath } from '@whetstone/domain';
import type { FileRef, VersionSelector } from './index.ts';
import type { Connection, EnvironmentRow } from './tables.ts';
import { wasDeployed } from './deployments/store.ts';
import type { Pick } from './versions/store.ts';

/** Which environments a caller may see through, and which version a selector means. */

export interface Choice {
  pick: Pick;
  /** What the version is looked for in; null when it was named. */
  environment: EnvironmentRow | null;
}

/**
 * The environment that the caller's key is bound to; null for people and for keys that are not bound.
 * @throws AppError 403 when it is gone: the key must not fall back to another one
 */
export function boundEnvironment(scope: Scope, environments: readonly EnvironmentRow[]): EnvironmentRow | null {
  const bound = scope.actor.type === 'key' ? scope.actor.environment : null;
  if (bound === null) return null;
  const found = environments.find(({ id }) => id === bound);
  if (found) return found;
  throw new AppError('forbidden', `This API key is bound to the environment \`${bound}\`, which no longer exists. Make a new key.`);
}

/** By name, or by the id that the caller's key is bound to. @throws AppError 404; 403 when that is another one */
export function environmentNamed(scope: Scope, environments: readonly EnvironmentRow[], name: string): EnvironmentRow {
  const bound = boundEnvironment(scope, environments);
  const found = environments.find((environment) => environment.name === name) ?? (name === bound?.id ? bound : undefined);
  if (!found) throw notFound('Environment', name);
  return allowed(scope, environments, found);
}

/** @throws AppError 403 when the caller's key is bound to another environment */
export function allowed(scope: Scope, environments: readonly EnvironmentRow[], environment: EnvironmentRow): EnvironmentRow {
  const bound = boundEnvironment(scope, environments);
  if (bound === null || bound.id === environment.id) return environment;
  throw new AppError(
    'forbidden',
    `This API key is bound to the environment \`${bound.name}\` and cannot use \`${environment.name}\`. Use another key, or leave the environment out.`,
  );
}

/**
 * A version id wins over an environment (which then only labels the log). Without either, a bound key means its own
 * environment, all others the default one. A bound key may name a version that is or was deployed in its environment.
 */
export async function choose(db: Connection, scope: Scope, environments: readonly EnvironmentRow[], at: VersionSelector): Promise<Choice> {
  const bound = boundEnvironment(scope, environments);
  if (at.versionId) {
    const versionId = canonicalText(at.versionId).text;
    if (bound !== null && !(await wasDeployed(db, scope.workspaceId, bound.id, versionId))) {
      throw new AppError(
        'forbidden',
        `This API key is bound to the environment \`${bound.name}\`, where version \`${versionId}\` was never deployed.`,
      );
    }
    return { pick: { versionId }, environment: null };
  }
  const environment = at.environment
    ? environmentNamed(scope, environments, at.environment)
    : (bound ?? environments.find(({ is_default }) => is_default) ?? null);
  if (environment === null) return { pick: 'latest', environment: null };
  return { pick: { environmentId: environment.id, orLatest: !at.environment && environment.is_default }, environment };
}

/** The same reference in the one form that the stores know. */
export function cleanRef(ref: FileRef): FileRef {
  return 'id' in ref ? { id: canonicalText(ref.id).text } : { path: normalisePath(canonicalText(ref.path).text) };
}

import { AppError, type ExperimentAssignment, type Scope } from '@whetstone/contract';
import { canonicalText } from '@whetstone/domain';
import type { FastifyRequest } from 'fastify';
import type { Assigned, Served } from '../../experiments/index.ts';
import type { Snapshot } from '../../files/index.ts';
import { presentAssigned } from '../present/experiment.ts';
import type { Call } from './call.ts';
import type { Rooms } from './handlers.ts';

const header = 'x-whetstone-unit';
const longest = 1_024;

/** What an experiment assigns by: the header, else the end user that the request names. */
export function unitOf(request: FastifyRequest, user: string | null | undefined): string | null {
  const value = request.headers[header];
  const text = (Array.isArray(value) ? value[0] : value)?.trim() ?? '';
  if (text.length > longest) throw new AppError('bad_request', `The header \`${header}\` is longer than ${longest} characters.`);
  const unit = text === '' ? (user ?? '') : canonicalText(decoded(text)).text;
  return unit === '' ? null : unit;
}

/** Headers are Latin-1; other text comes percent-encoded. */
function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A log belongs where its environment, unit and version say. */
export async function joined(
  rooms: Rooms,
  scope: Scope,
  log: { fileId: string; versionId: string; environmentId: string | null; unit: string | null },
): Promise<{ experimentId?: string; armId?: string }> {
  const { fileId, versionId, environmentId, unit } = log;
  if (environmentId === null) return {};
  return (await rooms.experiments.join(scope, { fileId, versionId, environmentId, unit })) ?? {};
}

type Fetch = Call<'prompts.get'> | Call<'prompts.populate'> | Call<'files.retrieve_by_path'>;

/** The version for who asks for one and calls the model itself: a unit's arm, with the exposure on disk. People who look are no traffic. */
export async function exposed<S extends Snapshot>(
  rooms: Rooms,
  call: Fetch,
  snapshot: S,
  source: string,
): Promise<Served<S> & { environment?: string }> {
  const { scope, query, request } = call;
  const named = 'version_id' in query ? query.version_id : null;
  const unit = unitOf(request, query.user);
  const looks = scope.actor.type !== 'key' && unit === null;
  if (looks || (named != null && named !== '') || (snapshot.kind !== 'prompt' && snapshot.kind !== 'agent'))
    return { snapshot, assigned: null };
  const place = deployedIn(scope, snapshot, query.environment);
  const given = await rooms.experiments.expose(scope, { snapshot, environmentId: place?.id ?? null }, unit, source);
  return place === null ? given : { ...given, environment: place.name };
}

/** In which environment the version was found; null: it is the newest, for nothing is deployed there. */
function deployedIn({ actor }: Scope, { environments }: Snapshot, named: string | null | undefined): { id: string; name: string } | null {
  const bound = actor.type === 'key' ? actor.environment : null;
  const found = environments.find(({ id, name, isDefault }) => (named ? name === named : bound === null ? isDefault : id === bound));
  return found ?? null;
}

/** The key of an answer; absent where no experiment decides, or no unit was named. */
export function experimentOf(assigned: Assigned | null, environment?: string): { experiment?: ExperimentAssignment } {
  const shown = assigned === null ? null : presentAssigned(assigned);
  if (shown === null) return {};
  return { experiment: environment === undefined ? shown : { ...shown, environment } };
}

import type { Readable } from 'node:stream';
import { AppError, type Scope } from '@whetstone/contract';
import type { ExchangeDeps } from '../index.ts';
import { addAlerts } from './alerts.ts';
import { addBackfills } from './backfills.ts';
import { addEvaluations } from './evaluations.ts';
import { addExperiments } from './experiments.ts';
import { addFile } from './files.ts';
import { addGates } from './gates.ts';
import { Pack } from './pack.ts';
import { Authors } from './people.ts';
import { addReviews } from './reviews.ts';
import { addRules } from './rules.ts';
import { addSettings } from './settings.ts';
import { addWaitingFeedback } from './waiting-feedback.ts';

export interface Exported {
  /** Files of the workspace in it. */
  files: number;
  /** Fails, without its end, when something goes wrong on the way. */
  zip: Readable;
}

const drainMs = 60_000;

export async function exportWorkspace(deps: ExchangeDeps, scope: Scope, signal: AbortSignal): Promise<Exported> {
  if (scope.actor.type === 'key' && scope.actor.environment !== null)
    throw new AppError('forbidden', 'This API key is bound to an environment and sees no more than what is deployed there. Take another.');
  // What was acknowledged before the call is in the export.
  if (!(await deps.logs.drained(drainMs)))
    throw new AppError('unavailable', 'The log store is behind with logs that were accepted. Try again shortly.', {
      retryAfterSeconds: 10,
    });
  const files = await deps.files.carry.files(scope);
  const pack = new Pack(signal);
  const write = async (): Promise<void> => {
    const [ground, authors, evaluations, monitors, alerts] = await Promise.all([
      deps.files.carry.ground(scope),
      Authors.of(deps, scope),
      deps.evaluations.carry.evaluations(scope),
      deps.monitors.carry.monitors(scope),
      deps.monitors.carry.alerts(scope),
    ]);
    const names = {
      environments: new Map(ground.environments.map((each) => [each.id, each])),
      files: new Map(files.map((file) => [file.id, file])),
    };
    const evaluationsOf = Map.groupBy(evaluations, ({ fileId }) => fileId);
    const monitorsOf = Map.groupBy(monitors, ({ fileId }) => fileId);
    const exporting = { pack, deps, scope, names, authors, signal };
    // First, for who reads the export as it comes: whose it is and what it takes to live elsewhere.
    await addSettings(pack, deps, scope, ground, { files, alerts });
    await addAlerts(exporting, alerts);
    await addBackfills(exporting);
    await addGates(exporting, ground);
    await addReviews(exporting);
    await addRules(exporting);
    await addExperiments(exporting);
    await addWaitingFeedback(exporting);
    await addEvaluations(pack, deps, scope, 'whetstone', evaluationsOf.get(null) ?? [], authors);
    for (const file of files) await addFile(exporting, file, monitorsOf.get(file.id) ?? [], evaluationsOf.get(file.id) ?? []);
    pack.end();
  };
  void write().catch((error: unknown) => pack.fail(error instanceof Error ? error : new Error(String(error))));
  return { files: files.length, zip: pack.stream };
}

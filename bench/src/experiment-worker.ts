import { readFileSync } from 'node:fs';
import { assignUnit } from '@whetstone/domain';
import { createStorage } from '../../server/src/storage/index.ts';
import type { ExperimentPlan } from './experiment.ts';

/** `node experiment-worker.ts DIR PLAN`: logs and votes of two days ago, straight into the store; the experiment began three days ago. */
const [dataDir = '', file = ''] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(file, 'utf8')) as ExperimentPlan;
const quiet = { debug() {}, info() {}, warn: console.error, error: console.error };
const storage = await createStorage({ dataDir, log: quiet });
const db = storage.database<{
  experiments: { id: string; started_at: Date };
  experiment_epochs: { experiment_id: string; started_at: Date };
}>();
const began = { started_at: new Date(Date.now() - 3 * 86_400_000) };
await db.updateTable('experiments').set(began).where('id', '=', plan.experimentId).execute();
await db.updateTable('experiment_epochs').set(began).where('experiment_id', '=', plan.experimentId).execute();

const atOnce = 20_000;
const shares = { salt: plan.salt, traffic: 1, slots: plan.arms.map(({ id }) => ({ armId: id, weight: 0.5 })) };
const longest = { maxSeconds: 600, maxMemoryBytes: 2 ** 31 };
for (let from = 0; from < plan.units; from += atOnce) {
  const units = Array.from({ length: Math.min(atOnce, plan.units - from) }, (_, n) => `user ${from + n}`);
  const arms = units.map((unit) => assignUnit(shares, unit)?.armId ?? '');
  const params = {
    workspace: plan.workspaceId,
    file: plan.fileId,
    environment: plan.environmentId,
    experiment: plan.experimentId,
    units,
    arms,
    ids: plan.arms.map(({ id }) => id),
    versions: plan.arms.map(({ versionId }) => versionId),
  };
  // A user's logs are an hour apart, and users came over a day.
  await storage.logDatabase.command(
    `INSERT INTO logs (workspace_id, id, at, row_version, deleted, received_at, stored_at, kind, file_id, version_id, environment_id, origin, status,
       log_status, unit, end_user, experiment_id, arm_id, prompt_tokens, output_tokens, prompt_cost, output_cost, cost_usd, latency_ms, output)
     SELECT {workspace:String}, concat('log_', lower(hex(sipHash128(u.1, n)))), t, 1, 0, t, t, 'prompt', {file:String},
       transform(u.2, {ids:Array(String)}, {versions:Array(String)}, ''), {environment:String}, 'api', if(cityHash64(u.1, n) % 100 = 0, 'error', 'ok'),
       'complete', u.1, u.1, {experiment:String}, u.2, 200, 80, 0.001, 0.002, 0.003, 300 + cityHash64(u.1, n) % 2000, 'an answer'
     FROM (SELECT u, n, now64(6) - toIntervalHour(60) + toIntervalSecond(cityHash64(u.1) % 36000) + toIntervalHour(n) AS t FROM (
       SELECT arrayJoin(arrayZip({units:Array(String)}, {arms:Array(String)})) AS u, arrayJoin(range(${plan.logsPerUnit})) AS n))`,
    params,
    longest,
  );
  const { ids: _, versions: __, ...judged } = params;
  await storage.logDatabase.command(
    `INSERT INTO judgments (workspace_id, id, at, row_version, deleted, received_at, evaluator_id, evaluator_version_id, log_id, source, judge, value_type,
       value_text, origin, log_at, log_kind, log_file_id, log_environment_id, log_unit, log_user, log_experiment_id, log_arm_id)
     SELECT {workspace:String}, concat('log_', lower(hex(sipHash128(u.1, 'vote')))), t, 1, 0, t, {evaluator:String}, '',
       concat('log_', lower(hex(sipHash128(u.1, 0)))), 'user', u.1, 'text', if(cityHash64(u.1, 7) % 100 < if(u.2 = 'b', 62, 60), 'good', 'bad'), 'api',
       t, 'prompt', {file:String}, {environment:String}, u.1, u.1, {experiment:String}, u.2
     FROM (SELECT u, now64(6) - toIntervalHour(59) + toIntervalSecond(cityHash64(u.1) % 36000) AS t FROM (
       SELECT arrayJoin(arrayZip({units:Array(String)}, {arms:Array(String)})) AS u) WHERE cityHash64(u.1) % 10 < 4)`,
    { ...judged, evaluator: plan.evaluatorId },
    longest,
  );
}
await storage.close();
process.stdout.write(`${JSON.stringify({ logs: plan.units * plan.logsPerUnit })}\n`);
process.exit(0);

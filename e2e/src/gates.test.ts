import { HumanloopClient } from 'humanloop';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Whetstone as Client } from '../../sdk/src/index.ts';
import { startWhetstone, type Whetstone } from './whetstone.ts';

describe('gates before a deployment', { timeout: 120_000 }, () => {
  let whetstone: Whetstone;
  let api: Client['api'];

  beforeAll(async () => {
    whetstone = await startWhetstone();
    ({ api } = new Client({ apiKey: whetstone.apiKey, baseUrl: whetstone.url, logging: false }));
  });
  afterAll(() => whetstone?.close());

  it('a gate refuses what is worse, to the published client too, until an admin says why or the version is mended', async () => {
    const humanloop = new HumanloopClient({ apiKey: whetstone.apiKey, baseUrl: `${whetstone.url}/v5`, maxRetries: 0 } as never);
    const prompt = (content: string) =>
      api.prompts.upsert({ path: 'gated/answer', model: 'demo-small', template: [{ role: 'user', content }] });
    const first = await prompt('{{word}}');
    const [second, third] = [await prompt('Now: {{word}}'), await prompt('Then: {{word}}')];
    const words = Array.from({ length: 30 }, (_, n) => ({ inputs: { word: `word ${n}` } }));
    const dataset = (await api.datasets.upsert({ path: 'gated/words', datapoints: words })) as unknown as { version_id: string };
    const spec = {
      evaluator_type: 'python',
      arguments_type: 'target_free',
      return_type: 'boolean',
      code: `def evaluate(log):\n    return not str(log["prompt"]["template"]).count("Now")\n`,
    };
    const judge = (await api.evaluators.upsert({ path: 'gated/judge', spec } as never)) as unknown as { version_id: string };
    const evaluation = await api.evaluations.create({
      name: 'gate me',
      file: { id: first.id },
      evaluators: [{ version_id: judge.version_id }],
    });
    const run = async (versionId: string): Promise<void> => {
      const { id } = await api.evaluations.createRun({
        id: evaluation.id,
        dataset: { version_id: dataset.version_id },
        version: { version_id: versionId },
        orchestrated: true,
      });
      for (;;) {
        const { runs } = await api.evaluations.listRunsForEvaluation({ id: evaluation.id });
        if (runs.find((one) => one.id === id)?.status === 'completed') return;
        await new Promise((done) => setTimeout(done, 100));
      }
    };
    const production = (await api.environments.list()).find(({ name }) => name === 'production');
    const at = { id: first.id, environment_id: production?.id ?? '' };
    await api.gates.set({ id: production?.id ?? '', gates: [{ evaluation: 'gate me' }] });

    const refused = async (versionId: string): Promise<string> => {
      const error = await humanloop.prompts.setDeployment(first.id, at.environment_id, { versionId }).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ statusCode: 409 });
      return JSON.stringify((error as { body: unknown }).body);
    };
    expect(await refused(second.version_id)).toContain('was not run with this version: run it first');
    await run(second.version_id);
    expect(await refused(second.version_id)).toContain('was not run with what is deployed to production');
    await run(first.version_id);
    const said = await refused(second.version_id);
    expect(said).toMatch(/“gate me”, judge: .* is worse by .* points/);
    expect(said).toContain(`/w/main/evaluations/${evaluation.id}`);
    expect(await api.gates.check({ id: at.environment_id, version_id: second.version_id })).toMatchObject({
      outcome: 'refused',
      checks: [{ reason: 'regression' }],
    });

    // What is no worse passes, and going back is always allowed.
    await run(third.version_id);
    await humanloop.prompts.setDeployment(first.id, at.environment_id, { versionId: third.version_id });
    await humanloop.prompts.setDeployment(first.id, at.environment_id, { versionId: first.version_id });
    // An admin may, with a reason that the audit log keeps; other files and first versions are not concerned.
    await api.prompts.setDeployment({ ...at, version_id: second.version_id, override_gates: 'the judge is wrong' });
    const audit = await api.audit.list({ action: 'version.gates_overridden' });
    expect(audit.records).toMatchObject([
      { data: { reason: 'the judge is wrong', gates: [{ evaluation: 'gate me', reason: 'regression' }] } },
    ]);
    const other = await api.prompts.upsert({ path: 'gated/other', model: 'demo-small', template: 'x' });
    expect((await api.prompts.listEnvironments({ id: other.id })).find(({ name }) => name === 'production')?.file?.version_id).toBe(
      other.version_id,
    );
  });

  it('are set by admins, and demand something', async () => {
    const [production] = await api.environments.list();
    const id = production?.id ?? '';
    await expect(api.gates.set({ id, gates: [{ evaluation: 'x', no_regression: false, hard_rules: false }] })).rejects.toMatchObject({
      status: 422,
    });
    await expect(api.gates.set({ id: 'env_none', gates: [] })).rejects.toMatchObject({ status: 404 });
    const { key } = await api.apiKeys.create({ name: 'editor', role: 'editor' });
    const editor = new Client({ apiKey: key ?? '', baseUrl: whetstone.url, logging: false }).api;
    await expect(editor.gates.set({ id, gates: [] })).rejects.toMatchObject({ status: 403 });
    expect((await api.gates.set({ id, gates: [] })).gates).toEqual([]);
  });
});

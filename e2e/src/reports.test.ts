import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byKey, send } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

/** A report from the outside: two versions run by the server, one of which drops what the evaluator looks for. */
describe('reports over HTTP', { timeout: 180_000 }, () => {
  let whetstone: Whetstone;
  let id: string;
  let evaluator: string;

  const raw = (method: string, path: string, body?: unknown) =>
    send(whetstone.url, path, { method, headers: byKey(whetstone.apiKey), ...(body === undefined ? {} : { body }) });
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const { status, text } = await raw(method, path, body);
    expect([Math.floor(status / 100), text]).toEqual([2, expect.any(String)]);
    return JSON.parse(text) as T;
  };

  beforeAll(async () => {
    whetstone = await startWhetstone();
    const prompt = (version_name: string, content: string) =>
      ask<{ version_id: string }>('POST', '/v5/prompts', {
        path: 'shop/answer',
        model: 'demo-small',
        version_name,
        template: [{ role: 'user', content }],
      });
    const versions = [await prompt('whole', 'Say the code {{code}} back.'), await prompt('cut', 'Say nothing of {{topic}}.')];
    const datapoints = Array.from({ length: 40 }, (_, i) => ({
      inputs: { code: `code-${i}`, topic: 'codes' },
      tags: [i < 20 ? 'old' : 'new'],
    }));
    const dataset = await ask<{ version_id: string }>('POST', '/v5/datasets', { path: 'shop/codes', datapoints });
    // What the demo model says is its own; what it was asked decides here.
    const code = `function evaluate(log) { return { value: JSON.stringify(log.messages ?? '').includes(log.inputs.code), reason: 'asked for ' + log.inputs.code } }`;
    const spec = { evaluator_type: 'python', language: 'javascript', arguments_type: 'target_free', return_type: 'boolean', code };
    evaluator = (await ask<{ version_id: string }>('POST', '/v5/evaluators', { path: 'judges/asked', spec })).version_id;
    const evaluation = { name: 'codes', evaluators: [{ version_id: evaluator }] };
    id = (await ask<{ id: string }>('POST', '/v5/evaluations', evaluation)).id;
    const settings = {
      primary_evaluator_version_id: evaluator,
      margin: 0.1,
      hard_rules: [{ evaluator_version_id: evaluator, at_least: 0.5 }],
    };
    expect(await ask('PATCH', `/v5/evaluations/${id}/settings`, settings)).toMatchObject({
      chosen: 'saved',
      set_after_data: false,
      margin: 0.1,
    });
    for (const { version_id } of versions) {
      await ask('POST', `/v5/evaluations/${id}/runs`, {
        dataset: { version_id: dataset.version_id },
        version: { version_id },
        orchestrated: true,
      });
    }
  });
  afterAll(() => whetstone?.close());

  interface Report {
    status: string;
    verdict: { word: string; sentence: string };
    runs: { run_id: string; label: string; errors: number }[];
    evaluators: {
      comparisons: { verdict: string; became_worse: number; exploratory: boolean }[];
      hard_rules: { runs: { outcome: string }[] }[];
    }[];
  }
  const report = () => ask<Report>('GET', `/v5/evaluations/${id}/report`);

  it('finds the version that is worse, and the broken rule, while runs made by the server come in', async () => {
    await eventually('both runs end', async () => (await report()).status === 'completed', 120_000);
    const { verdict, runs, evaluators } = await report();
    expect(runs.map(({ label, errors }) => [label, errors])).toEqual([
      ['whole', 0],
      ['cut', 0],
    ]);
    expect(verdict.word).toBe('worse');
    expect(verdict.sentence).toMatch(/^By judges\/asked: cut is worse by \d+\.\d to 100\.0 points\.$/);
    expect(evaluators[0]?.comparisons).toMatchObject([{ verdict: 'worse', became_worse: 40, exploratory: false }]);
    expect(evaluators[0]?.hard_rules[0]?.runs.map(({ outcome }) => outcome)).toEqual(['kept', 'broken']);
  });

  it('shows the cases that flipped, with what was said and why', async () => {
    const path = `/v5/evaluations/${id}/report/cases?flipped=worse&slice=tag%3Dnew&size=3&sort=position`;
    const answer = await ask<{ total: number; records: object[] }>('GET', path);
    expect(answer.total).toBe(20);
    expect(answer.records).toHaveLength(3);
    expect(answer.records[0]).toMatchObject({
      position: 20,
      change: 'worse',
      datapoint: { inputs: { code: 'code-20' }, tags: ['new'] },
      runs: [
        { logs: [{ judgments: [{ value: true }] }] },
        { logs: [{ output: expect.any(String) as string, judgments: [{ value: false, reason: 'asked for code-20' }] }] },
      ],
    });
  });

  it('compares within slices and pair by pair', async () => {
    const slices = await ask<{ slices: { value: string; verdict: string }[] }>('GET', `/v5/evaluations/${id}/report/slices?by=tag`);
    expect(slices.slices.map(({ value, verdict }) => [value, verdict]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))).toEqual([
      ['new', 'worse'],
      ['old', 'worse'],
    ]);
    const { pairs } = await ask<{ pairs: { verdict: string }[] }>('GET', `/v5/evaluations/${id}/report/pairs`);
    expect(pairs.map(({ verdict }) => verdict)).toEqual(['worse', 'better']);
  });

  it.each([
    ['csv', 'text/csv', 81],
    ['jsonl', 'application/x-ndjson', 41],
  ])('exports %s', async (format, type, lines) => {
    const response = await fetch(`${whetstone.url}/v5/evaluations/${id}/report/export?format=${format}`, {
      headers: byKey(whetstone.apiKey),
    });
    expect(response.headers.get('content-type')).toContain(type);
    expect(response.headers.get('content-disposition')).toContain('attachment');
    expect((await response.text()).trimEnd().split('\n')).toHaveLength(lines);
  });

  it.each([
    ['404 for an evaluation that is not there', 'GET', '/v5/evaluations/evr_none/report', undefined, 404],
    ['404 for its export, before anything is sent', 'GET', '/v5/evaluations/evr_none/report/export', undefined, 404],
    ['404 for a run of another evaluation', 'GET', '/v5/evaluations/ID/report?baseline=rn_none', undefined, 404],
    ['422 for a margin below zero', 'GET', '/v5/evaluations/ID/report?margin=-1', undefined, 422],
    ['422 for pages too large', 'GET', '/v5/evaluations/ID/report/cases?size=101', undefined, 422],
    ['422 for what is no slice', 'GET', '/v5/evaluations/ID/report/cases?slice=everything', undefined, 422],
    ['422 for a setting that does not exist', 'PATCH', '/v5/evaluations/ID/settings', { margn: 0.1 }, 422],
    [
      '404 for an evaluator that the evaluation has not',
      'PATCH',
      '/v5/evaluations/ID/settings',
      { primary_evaluator_version_id: 'evv_no' },
      404,
    ],
  ])('%s', async (_name, method, path, body, status) => {
    expect((await raw(method, path.replace('ID', id), body)).status).toBe(status);
  });

  it('401 without a key', async () => {
    expect((await fetch(`${whetstone.url}/v5/evaluations/${id}/report`)).status).toBe(401);
  });
});

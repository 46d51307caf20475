import { Pool } from 'undici';
import { closedLoop, openLoop, stream } from './load.ts';
import { makeData, startScript, startWhetstone } from './processes.ts';
import { type Figure, median, quantile } from './report.ts';

const path = '/v1/chat/completions';

/** The gateway against a bare proxy and against the provider itself, on one machine in one run. */
export async function benchGateway(quick: boolean): Promise<Figure[]> {
  const data = makeData();
  const provider = await startScript('bench/src/provider.ts');
  const bare = await startScript('bench/src/bare-proxy.ts', [provider.url]);
  const whetstone = await startWhetstone(data.dir, { OPENAI_API_KEY: 'sk-bench', OPENAI_BASE_URL: `${provider.url}/v1` });
  try {
    return [
      ...(await throughput(bare.url, whetstone.url, quick)),
      ...(await latency(provider.url, whetstone.url, quick)),
      ...(await streams(provider.url, whetstone.url, quick)),
    ];
  } finally {
    await Promise.all([provider.stop(), bare.stop(), whetstone.stop()]);
    data.remove();
  }
}

async function throughput(bare: string, whetstone: string, quick: boolean): Promise<Figure[]> {
  const ratios: number[] = [];
  const rates: number[] = [];
  for (let round = 0; round < (quick ? 1 : 5); round += 1) {
    const seconds = quick ? 3 : 6;
    // In turns, and which is first alternates, so that a machine whose speed drifts favours neither.
    const order = round % 2 === 0 ? [bare, whetstone] : [whetstone, bare];
    const first = await closedLoop(order[0] as string, path, 64, seconds);
    const second = await closedLoop(order[1] as string, path, 64, seconds);
    const [plain, ours] = round % 2 === 0 ? [first, second] : [second, first];
    rates.push(ours);
    ratios.push(ours / plain);
  }
  return [
    {
      suite: 'gateway',
      name: 'requests per second, of a bare proxy’s',
      value: median(ratios),
      unit: '',
      bound: { op: '>=', value: 0.7 },
      note: 'node:http + undici that parses and forwards; 64 connections',
    },
    { suite: 'gateway', name: 'requests per second', value: median(rates), unit: '/s' },
  ];
}

async function latency(provider: string, whetstone: string, quick: boolean): Promise<Figure[]> {
  const seconds = quick ? 4 : 12;
  const direct = await openLoop(provider, path, 200, seconds);
  const through = await openLoop(whetstone, path, 200, seconds);
  return [
    {
      suite: 'gateway',
      name: 'added latency at 200/s, p50',
      value: median(through) - median(direct),
      unit: 'ms',
      bound: { op: '<=', value: 1 },
      note: 'the provider called directly',
    },
    {
      suite: 'gateway',
      name: 'added latency at 200/s, p99',
      value: quantile(through, 0.99) - quantile(direct, 0.99),
      unit: 'ms',
      bound: { op: '<=', value: 5 },
      note: 'the provider called directly',
    },
  ];
}

async function streams(provider: string, whetstone: string, quick: boolean): Promise<Figure[]> {
  const firstBytes = async (url: string): Promise<number> => {
    const pool = new Pool(url, { connections: 4 });
    const samples: number[] = [];
    for (let i = 0; i < (quick ? 40 : 200); i += 1) samples.push((await stream(pool, path, 3, 0)).firstByteMs);
    await pool.close();
    return median(samples.slice(10));
  };
  const direct = await firstBytes(provider);
  const through = await firstBytes(whetstone);
  const many = new Pool(whetstone, { connections: 1000 });
  const held = await Promise.all(Array.from({ length: 1000 }, () => stream(many, path, 40, 100)));
  await many.close();
  return [
    {
      suite: 'streaming',
      name: 'first byte after the provider’s, median',
      value: through - direct,
      unit: 'ms',
      bound: { op: '<=', value: 1 },
      note: 'the provider called directly',
    },
    {
      suite: 'streaming',
      name: 'streams held at once and complete',
      value: held.filter((s) => s.complete).length,
      unit: '',
      bound: { op: '>=', value: 1000 },
      note: 'one process',
    },
  ];
}

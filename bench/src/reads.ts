import { apiKey, type Data, makeData, residentMb, familyOf, runWorker, cpuSeconds, startWhetstone, type Running } from './processes.ts';
import { type Figure, median } from './report.ts';

const headers = { 'x-api-key': apiKey };

/** Reads over a store of 1,000,000 logs through HTTP; then start, memory and idling with that store and with an empty one. */
export async function benchReads(quick: boolean): Promise<Figure[]> {
  const count = quick ? 50_000 : 1_000_000;
  const data = makeData();
  try {
    const filled = await fill(data, count);
    const whetstone = await startWhetstone(data.dir);
    let figures: Figure[];
    try {
      figures = await reads(whetstone, quick);
    } finally {
      await whetstone.stop();
    }
    const restarted = await startTimes(data.dir, quick);
    return [
      { suite: 'reads', name: `store filled with ${count.toLocaleString('en')} logs`, value: filled, unit: 's' },
      ...figures,
      { suite: 'start', name: 'to ready with 1,000,000 logs', value: restarted, unit: 's', bound: { op: '<=', value: 2 } },
    ];
  } finally {
    data.remove();
  }
}

/** The workspace and prompt are made by the server itself, the logs by the logs room. */
async function fill(data: Data, count: number): Promise<number> {
  const server = await startWhetstone(data.dir);
  let made: { id: string; version_id: string };
  let workspace: string;
  try {
    const response = await fetch(`${server.url}/v5/prompts`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ path: 'bench/prompt', model: 'gpt-4o', template: [{ role: 'user', content: '{{question}}' }] }),
    });
    made = (await response.json()) as typeof made;
    workspace = ((await (await fetch(`${server.url}/v5/me`, { headers })).json()) as { workspace: { id: string } }).workspace.id;
  } finally {
    await server.stop();
  }
  const { seconds } = await runWorker<{ seconds: number }>('bench/src/logs-worker.ts', [
    data.dir,
    'fill',
    String(count),
    workspace,
    made.id,
    made.version_id,
  ]);
  return seconds;
}

async function reads(whetstone: Running, quick: boolean): Promise<Figure[]> {
  const times = quick ? 10 : 40;
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(whetstone.url + path, { headers });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const timed = async (path: (i: number) => string): Promise<number> => {
    for (let i = 0; i < 3; i += 1) await get(path(1000 + i));
    const samples: number[] = [];
    for (let i = 0; i < times; i += 1) {
      const started = performance.now();
      await get(path(i));
      samples.push(performance.now() - started);
    }
    return median(samples);
  };
  const fortnight = `start_date=${new Date(Date.now() - 14 * 86_400_000).toISOString()}`;
  const { records } = (await get('/v5/logs?summary=true&size=1000&count=false')) as { records: { id: string }[] };
  const words = ['sealant', 'invoice parcel', 'refund', '#4242', 'nowhere to be found'];
  const bound = (value: number) => ({ op: '<=' as const, value });
  return [
    {
      suite: 'reads',
      name: 'a page of 50 logs, median',
      value: await timed(() => '/v5/logs?summary=true&size=50&count=false'),
      unit: 'ms',
      bound: bound(50),
    },
    { suite: 'reads', name: 'the same with its total', value: await timed(() => '/v5/logs?summary=true&size=50'), unit: 'ms' },
    {
      suite: 'reads',
      name: 'two weeks with percentiles, median',
      value: await timed(() => `/v5/logs/series?buckets=60&${fortnight}`),
      unit: 'ms',
      bound: bound(100),
    },
    {
      suite: 'reads',
      name: 'search for a substring, median',
      value: await timed(
        (i) => `/v5/logs?summary=true&size=50&count=false&search=${encodeURIComponent(words[i % words.length] as string)}`,
      ),
      unit: 'ms',
      bound: bound(1000),
    },
    {
      suite: 'reads',
      name: 'a log by id, median',
      value: await timed((i) => `/v5/logs/${records[(i * 17) % records.length]?.id}`),
      unit: 'ms',
      bound: bound(20),
    },
  ];
}

async function startTimes(dir: string, quick: boolean): Promise<number> {
  const samples: number[] = [];
  for (let i = 0; i < (quick ? 1 : 5); i += 1) {
    const server = await startWhetstone(dir);
    samples.push(server.readyMs / 1000);
    await server.stop();
  }
  return median(samples);
}

/** Start with an empty data directory, and what the idle server costs a minute later. */
export async function benchStart(quick: boolean): Promise<Figure[]> {
  const samples: number[] = [];
  const used: Data[] = [];
  for (let i = 0; i < (quick ? 1 : 5); i += 1) {
    const data = makeData();
    const server = await startWhetstone(data.dir);
    samples.push(server.readyMs / 1000);
    await server.stop();
    used.push(data);
  }
  // Not in between: the disk would be busy deleting the last one while the next one starts.
  for (const data of used) data.remove();
  const data = makeData();
  const server = await startWhetstone(data.dir);
  await new Promise((resolve) => setTimeout(resolve, quick ? 5000 : 60_000));
  const family = familyOf(server.pid);
  const resident = residentMb(family);
  const before = cpuSeconds(family);
  await new Promise((resolve) => setTimeout(resolve, quick ? 5000 : 20_000));
  const idle = ((cpuSeconds(family) - before) / (quick ? 5 : 20)) * 100;
  await server.stop();
  data.remove();
  return [
    { suite: 'start', name: 'to ready with an empty data directory', value: median(samples), unit: 's', bound: { op: '<=', value: 3 } },
    { suite: 'start', name: 'resident a minute later, all processes', value: resident, unit: 'MB', bound: { op: '<=', value: 900 } },
    { suite: 'start', name: 'processor while idle, of one core', value: idle, unit: '%', bound: { op: '<=', value: 3 } },
  ];
}

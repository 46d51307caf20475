import { chatBody, closedLoop } from './load.ts';
import { makeData, startScript, startWhetstone } from './processes.ts';
import { type Figure, median } from './report.ts';

const chatPath = '/v1/chat/completions';
const { model, messages, temperature } = JSON.parse(chatBody) as {
  model: string;
  messages: { role: string; content: string }[];
  temperature: number;
};
const [system, user] = messages.map(({ content }) => content);

/** The same call in the other shapes, each to a provider that speaks it. */
const shapes = {
  '/v1/responses': JSON.stringify({ model, instructions: system, input: [{ role: 'user', content: user }], temperature }),
  '/v1/messages': JSON.stringify({
    model: 'claude-sonnet-4-5',
    max_tokens: 1024,
    system,
    messages: [{ role: 'user', content: user }],
    temperature,
  }),
};

/** Pass-through in each shape against chat completions, in turns on one server. */
export async function benchShapes(quick: boolean): Promise<Figure[]> {
  const data = makeData();
  const provider = await startScript('bench/src/shapes-provider.ts');
  const whetstone = await startWhetstone(data.dir, {
    OPENAI_API_KEY: 'sk-bench',
    OPENAI_BASE_URL: `${provider.url}/v1`,
    ANTHROPIC_API_KEY: 'sk-bench',
    ANTHROPIC_BASE_URL: provider.url,
  });
  try {
    const figures: Figure[] = [];
    for (const [path, body] of Object.entries(shapes)) figures.push(await compare(whetstone.url, path, body, quick));
    return figures;
  } finally {
    await Promise.all([provider.stop(), whetstone.stop()]);
    data.remove();
  }
}

async function compare(url: string, path: string, body: string, quick: boolean): Promise<Figure> {
  const seconds = quick ? 3 : 6;
  const ratios: number[] = [];
  for (let round = 0; round < (quick ? 1 : 5); round += 1) {
    const chat = (): Promise<number> => closedLoop(url, chatPath, 64, seconds);
    const shaped = (): Promise<number> => closedLoop(url, path, 64, seconds, body);
    // Which is first alternates, so that a machine whose speed drifts favours neither.
    const [first, second] = round % 2 === 0 ? [chat, shaped] : [shaped, chat];
    const rates = [await first(), await second()];
    const [plain = 0, ours = 0] = round % 2 === 0 ? rates : rates.toReversed();
    ratios.push(ours / plain);
  }
  return {
    suite: 'shapes',
    name: `requests per second, ${path}`,
    value: median(ratios),
    unit: '',
    bound: { op: '>=', value: 0.9 },
    note: 'chat completions through the same server; 64 connections',
  };
}

import { Whetstone } from '@whetstone/sdk';

/** One client for the whole program; address and key come from WHETSTONE_BASE_URL and WHETSTONE_API_KEY. */
export const whetstone = new Whetstone();

export const apiKey = process.env['WHETSTONE_API_KEY'] ?? '';
/** The gateway in OpenAI's shape: every client takes it as its base URL. */
export const gateway = `${process.env['WHETSTONE_BASE_URL'] ?? 'http://127.0.0.1:4400'}/v1`;
export const model = process.env['MODEL'] ?? 'demo-small';
export const question = process.argv[2] ?? 'What is the weather in Paris?';

/** The tool of every example: any function becomes one by being observed. */
export const weather = whetstone.observe(async ({ city }: { city: string }) => `Sunny and 24 °C in ${city}.`, {
  path: 'examples/weather',
  type: 'tool',
});

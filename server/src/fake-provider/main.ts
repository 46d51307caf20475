import { startFakeProvider } from './index.ts';

/** `node server/src/fake-provider/main.ts --port 0`: prints where it listens, ends with its standard input or a signal. */
const at = process.argv.indexOf('--port');
const fake = await startFakeProvider({ port: at < 0 ? 0 : Number(process.argv[at + 1]), keep: 10 });
process.stdout.write(`Fake provider on ${fake.url}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void fake.close().then(() => process.exit(0)));

/** What still waits when a process ends is sent: one set of listeners for all clients of the process. */

export interface Leaving {
  readonly size: number;
  flush(timeoutMs?: number): Promise<boolean>;
  remains(): { url: string; apiKey: string; body: string } | null;
}

const lastWordsMs = 3_000;
const clients = new Set<Leaving>();
let listening = false;

export function leaveLater(client: Leaving): void {
  clients.add(client);
  const { process } = globalThis as { process?: NodeJS.Process };
  if (listening || typeof process?.on !== 'function') return;
  listening = true;
  let tried = 0;
  process.on('beforeExit', () => {
    const waiting = [...clients].filter(({ size }) => size > 0);
    // The event comes again each time that work begun here ends; a server that is away is not waited for twice.
    if (waiting.length === 0 || tried >= 2) return;
    tried += 1;
    void Promise.all(waiting.map((each) => each.flush(lastWordsMs)));
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) onSignal(process, signal);
  const spawn = spawnOf(process);
  // `process.exit()` leaves no time for a request of this process; another one makes it, while this one waits.
  if (spawn !== null) process.on('exit', () => sendRemains(process, spawn));
}

/** Without a listener of the application's own a signal would end the process at once: it does after a short while. */
function onSignal(process: NodeJS.Process, signal: 'SIGTERM' | 'SIGINT'): void {
  const listener = () => {
    if (process.listenerCount(signal) > 1) return;
    const waiting = [...clients].filter(({ size }) => size > 0);
    const die = () => {
      process.off(signal, listener);
      process.kill(process.pid, signal);
    };
    if (waiting.length === 0) die();
    else void Promise.all(waiting.map((each) => each.flush(lastWordsMs))).then(die);
  };
  process.on(signal, listener);
}

type Spawn = (command: string, args: string[], options: object) => unknown;

function spawnOf(process: NodeJS.Process): Spawn | null {
  try {
    return process.getBuiltinModule('node:child_process').spawnSync;
  } catch {
    return null;
  }
}

const script = `let text = '';
process.stdin.on('data', (part) => (text += part)).on('end', async () => {
  for (const { url, apiKey, body } of JSON.parse(text))
    await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': apiKey }, body }).catch(() => {});
});`;

function sendRemains(process: NodeJS.Process, spawn: Spawn): void {
  const remains = [...clients].map((client) => client.remains()).filter((each) => each !== null);
  if (remains.length === 0) return;
  // The key goes through the pipe, not the command line, which others on the machine can read.
  const options = {
    input: JSON.stringify(remains),
    timeout: lastWordsMs,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: process.env['PATH'] },
  };
  try {
    spawn(process.execPath, ['-e', script], options);
  } catch {
    // No further process may be started here; what waited is lost.
  }
}

/** How a request is misbehaved at: by the model's name (`fake-…`) or a header `x-fake: status=429;retry-after=1`. */
export interface Behaviour {
  /** Answer with this status and the provider's error body. */
  status: number | null;
  retryAfter: string | null;
  /** So many first requests of this key fail with `status`, the next succeed. */
  failures: number | null;
  key: string;
  /** Before the head, between pieces. */
  delayMs: number;
  dripMs: number;
  /** Words of the answer. */
  words: number;
  fault:
    | 'reset-before-head'
    | 'reset-after-head'
    | 'cut-stream'
    | 'half-open'
    | 'half-open-stream'
    | 'bad-json'
    | 'no-done'
    | 'wrong-type'
    | 'endless'
    | 'big-chunk'
    | 'split-utf8'
    | 'stream-error'
    | 'huge-headers'
    | 'not-http'
    | 'redirect'
    | null;
  /** Leave usage out. */
  noUsage: boolean;
  /** Functions to call instead of saying anything. */
  toolCalls: { name: string; arguments: Record<string, unknown> }[] | null;
  /** Text to answer with instead of the usual. */
  text: string | null;
  /** Bytes of each piece written to the socket; null: an event a piece. */
  pieceBytes: number | null;
}

const faults = new Set<string>([
  'reset-before-head',
  'reset-after-head',
  'cut-stream',
  'half-open',
  'half-open-stream',
  'bad-json',
  'no-done',
  'wrong-type',
  'endless',
  'big-chunk',
  'split-utf8',
  'stream-error',
  'huge-headers',
  'not-http',
  'redirect',
]);

/** `fake-slow-drip`, `fake-429`, `fake-500-then-ok`, `fake-cut-stream`, …; the header decides over the name. */
export function readBehaviour(model: string, header: string | undefined): Behaviour {
  const behaviour: Behaviour = {
    status: null,
    retryAfter: null,
    failures: null,
    key: model,
    delayMs: 0,
    dripMs: 0,
    words: 0,
    fault: null,
    noUsage: false,
    toolCalls: null,
    text: null,
    pieceBytes: null,
  };
  const name = model.replace(/^(?:.*\/)?/, '').replace(/^(?:claude|gemini|mistral|command)-|^anthropic\./, '');
  if (name.startsWith('fake-')) fromName(behaviour, name.slice('fake-'.length));
  for (const item of (header ?? '').split(';')) {
    const [key = '', ...rest] = item.split('=');
    fromPair(behaviour, key.trim(), rest.join('=').trim());
  }
  return behaviour;
}

function fromName(behaviour: Behaviour, name: string): void {
  const thenOk = /^(\d{3})-then-ok$/.exec(name);
  if (thenOk !== null) {
    behaviour.status = Number(thenOk[1]);
    behaviour.failures = 1;
  } else if (/^\d{3}$/.test(name)) behaviour.status = Number(name);
  else if (name === 'slow') behaviour.delayMs = 300;
  else if (name === 'slow-drip') behaviour.dripMs = 40;
  else if (name === 'no-usage') behaviour.noUsage = true;
  else if (faults.has(name)) behaviour.fault = name as Behaviour['fault'];
}

function fromPair(behaviour: Behaviour, key: string, value: string): void {
  if (key === 'status') behaviour.status = Number(value);
  else if (key === 'retry-after') behaviour.retryAfter = value;
  else if (key === 'failures') behaviour.failures = Number(value);
  else if (key === 'key') behaviour.key = value;
  else if (key === 'delay') behaviour.delayMs = Number(value);
  else if (key === 'drip') behaviour.dripMs = Number(value);
  else if (key === 'words') behaviour.words = Number(value);
  else if (key === 'fault' && faults.has(value)) behaviour.fault = value as Behaviour['fault'];
  else if (key === 'no-usage') behaviour.noUsage = true;
  else if (key === 'text') behaviour.text = decodeURIComponent(value);
  else if (key === 'pieces') behaviour.pieceBytes = Number(value);
}

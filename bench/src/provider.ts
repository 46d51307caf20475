import { createServer } from 'node:http';

/** A provider that costs as little as possible: one canned answer, or a canned stream whose first chunk tells when it was written. */
const answer = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'gpt-4o-mini',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'You can return any unridden bike within 30 days. '.repeat(8), refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 120, completion_tokens: 90, total_tokens: 210 },
});

function chunk(delta: object, finish: string | null = null): string {
  return `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'gpt-4o-mini', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

/** Given on the command line: how long whole answers take. */
const latencyMs = Number(process.argv[2] ?? 0);

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part: Buffer) => (body += part.toString()));
  request.on('end', () => {
    if (!body.includes('"stream":true')) {
      const say = (): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
      if (latencyMs === 0) say();
      else setTimeout(say, latencyMs);
      return;
    }
    const chunks = Number(/"max_tokens":(\d+)/.exec(body)?.[1] ?? 20);
    const everyMs = Number(/"seed":(\d+)/.exec(body)?.[1] ?? 0);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    const next = (): void => {
      if (sent === 0) response.write(chunk({ role: 'assistant', content: `@${performance.timeOrigin + performance.now()}@` }));
      else response.write(chunk({ content: `word ${sent} ` }));
      sent += 1;
      if (sent < chunks) setTimeout(next, everyMs);
      else response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
    };
    // The answer's head goes ahead, as a model's does.
    setTimeout(next, 20);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`ready on http://127.0.0.1:${address.port}\n`);
});
process.on('SIGTERM', () => process.exit(0));

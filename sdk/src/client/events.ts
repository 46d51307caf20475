/** Server-sent events whose data is JSON. It can be read once; leaving the loop ends the request. */
export interface EventStream extends AsyncIterable<Record<string, unknown>> {
  /** What the answer came with: `x-whetstone-log-id` names its log. */
  headers: Headers;
}

export function eventStream(response: Response): EventStream {
  return {
    headers: response.headers,
    async *[Symbol.asyncIterator]() {
      if (response.body === null) return;
      let rest = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        rest += decoder.decode(chunk, { stream: true });
        const blocks = rest.split(/\r?\n\r?\n/);
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const event = eventOf(block);
          if (event === 'done') return;
          if (event !== null) yield event;
        }
      }
    },
  };
}

function eventOf(block: string): Record<string, unknown> | 'done' | null {
  const data = block
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).replace(/^ /, ''))
    .join('\n');
  if (data === '') return null;
  return data === '[DONE]' ? 'done' : (JSON.parse(data) as Record<string, unknown>);
}

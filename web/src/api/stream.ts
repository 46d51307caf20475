/** One server-sent event: its name (`message` when unnamed) and its data. */
export interface ServerEvent {
  event: string;
  data: string;
}

/** Splits text that arrives in pieces into server-sent events. */
export function eventReader(): (piece: string) => ServerEvent[] {
  let rest = '';
  return (piece) => {
    const blocks = (rest + piece).replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop() ?? '';
    return blocks.map(parseEvent).filter((event) => event.data !== '');
  };
}

/** Splits text that arrives in pieces into lines; empty ones are left out. The last needs its line break too. */
export function lineReader(): (piece: string) => string[] {
  let rest = '';
  return (piece) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    return lines.filter((line) => line.trim() !== '');
  };
}

function parseEvent(block: string): ServerEvent {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) event = line.slice(6).trim();
    else if (line.startsWith('data:')) data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
  }
  return { event, data: data.join('\n') };
}

/** The events of a streamed answer, until it ends. */
export async function* events(response: Response): AsyncGenerator<ServerEvent> {
  if (response.body === null) return;
  const read = eventReader();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield* read(value);
    }
    yield* read('\n\n');
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

import type { AnyObject } from '@whetstone/contract';
import { OutboundError } from '../../outbound/index.ts';
import type { Asked, Ready, Room } from '../room.ts';
import type { Attempt } from '../steps/call.ts';
import { nativeFor } from '../steps/native.ts';
import { providerRequest } from '../steps/provider-request.ts';
import { asList, asObject, asText } from '../wire/read.ts';
import { estimateTokens } from '../wire/tokens.ts';

/** What the API's own page lists; anything else it refuses. */
const counted = ['messages', 'model', 'system', 'tools', 'tool_choice', 'thinking', 'output_config', 'cache_control', 'mcp_servers'];

export type Counted =
  | { type: 'counted'; status: number; headers: Record<string, string>; body: Buffer }
  /** The provider has no such question. */
  | { type: 'estimated'; tokens: number }
  | Exclude<Attempt, { type: 'answered' }>;

/** How many tokens a call would send: the provider's own count where it speaks this shape, else an estimate. */
export async function countTokens(room: Room, ready: Ready, asked: Asked): Promise<Counted> {
  const [target] = ready.targets;
  if (nativeFor(asked, target.provider) === null) return { type: 'estimated', tokens: estimateOf(ready) };
  const options = { ready, asked, sample: 0, logId: '', listener: silent, running: () => undefined };
  const { request } = providerRequest(target, options, room.limits, room.clock());
  const whole = asObject(JSON.parse(String(request.body))) ?? {};
  const answer = await room.outbound
    .fetch({
      ...request,
      url: `${target.baseUrl}/messages/count_tokens`,
      body: JSON.stringify(Object.fromEntries(counted.flatMap((name) => (whole[name] === undefined ? [] : [[name, whole[name]]])))),
      maxRedirects: 0,
      timeoutMs: 30_000,
    })
    .catch((error: unknown) => {
      if (error instanceof OutboundError) return error;
      throw error;
    });
  if (answer instanceof OutboundError) {
    const { kind, message } = answer;
    return { type: 'broken', target, kind, message, words: null, partial: null, forwarded: false, firstAt: null };
  }
  const { status, headers, body } = answer;
  if (status >= 200 && status < 300) return { type: 'counted', status, headers, body };
  const text = body.toString('utf8');
  return { type: 'refused', target, headers, status, body: text, words: target.provider.dialect.readError(status, text) };
}

const silent = {
  signal: new AbortController().signal,
  wants: 'chunks' as const,
  open: () => undefined,
  bytes: () => true,
  chunk: () => true,
  drained: (resume: () => void) => resume(),
};

/** Tokens of an image that nobody told the size of. */
const imageTokens = 1_000;

function estimateOf({ messages, body }: Ready): number {
  const said = messages.reduce((sum, { content, tool_calls: calls }) => {
    const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : asList(content);
    const tokens = parts.map((part) => {
      const text = asText((part as AnyObject)['text']);
      return text === null ? imageTokens : estimateTokens(text);
    });
    return sum + 4 + tokens.reduce((all, each) => all + each, 0) + estimateTokens(calls ? JSON.stringify(calls) : '');
  }, 3);
  return said + (body['tools'] === undefined ? 0 : estimateTokens(JSON.stringify(body['tools'])));
}

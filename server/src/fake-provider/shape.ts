import type { Behaviour } from './behaviour.ts';

/** One provider's wire: a row of the fake's table. */
export interface Shape {
  recognises(path: string, headers: Record<string, string | undefined>): boolean;
  model(body: Record<string, unknown>, path: string): string;
  streams(path: string, body: Record<string, unknown>): boolean;
  /** What the provider itself finds wrong with the request; null when nothing. */
  refuse?(path: string, body: Record<string, unknown>, asking: Asking): { status: number; body: unknown } | null;
  whole(path: string, body: Record<string, unknown>, behaviour: Behaviour): unknown;
  /** Server-sent events, each with its closing blank line, or frames of bytes. */
  events(path: string, body: Record<string, unknown>, behaviour: Behaviour): (string | Buffer)[];
  streamType: string;
  /** An error in the middle of a stream. */
  streamError: string | Buffer;
  isEnd(event: string): boolean;
  error(status: number, model: string): unknown;
  authorised(headers: Record<string, string | undefined>, url: URL, asking: Asking): boolean;
}
/** The request as it came. */
export interface Asking {
  method: string;
  url: URL;
  body: string;
}

/** Names of the fields that a provider knows. */
export function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

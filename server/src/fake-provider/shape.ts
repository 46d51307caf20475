import type { Behaviour } from './behaviour.ts';

/** One provider's wire: a row of the fake's table. */
export interface Shape {
  recognises(path: string, headers: Record<string, string | undefined>): boolean;
  model(body: Record<string, unknown>, path: string): string;
  streams(path: string, body: Record<string, unknown>): boolean;
  whole(path: string, body: Record<string, unknown>, behaviour: Behaviour): unknown;
  /** Server-sent events, each with its closing blank line. */
  events(path: string, body: Record<string, unknown>, behaviour: Behaviour): string[];
  streamType: string;
  /** An error in the middle of a stream. */
  streamError: string;
  isEnd(event: string): boolean;
  error(status: number, model: string): unknown;
  authorised(headers: Record<string, string | undefined>, url: URL): boolean;
}

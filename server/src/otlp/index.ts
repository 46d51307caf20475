import type { OtelRule, Scope } from '@whetstone/contract';
import type { Experiments } from '../experiments/index.ts';
import type { Files } from '../files/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Logs } from '../logs/index.ts';
import type { Storage } from '../storage/index.ts';

export { createOtlp } from './create-otlp.ts';

/** Spans from elsewhere, as logs: decoded, read by the first dialect that knows them, put into files and traces. */
export interface Otlp {
  /** Takes one OTLP/HTTP request. What it says is durable when this resolves; spans that cannot be kept are counted, with the reason. */
  accept(scope: Scope, request: OtlpRequest): Promise<Accepted>;
  rules(scope: Scope): Promise<OtelRule[]>;
  setRules(scope: Scope, rules: readonly OtelRule[]): Promise<OtelRule[]>;
  /** Completes the traces that are due: 5 s after the last span of one with a root, 10 min without. Runs by itself each second. */
  completeDue(now: number): Promise<void>;
  /** The workspace is gone. */
  deleteWorkspace(workspaceId: string): Promise<void>;
  close(): Promise<void>;
}

export interface OtlpRequest {
  body: Buffer;
  contentType: string | undefined;
  contentEncoding: string | undefined;
}
export interface Accepted {
  /** Log ids in the order of the spans that were kept. */
  records: string[];
  /** Why spans were refused, one each. */
  refused: string[];
}

export interface OtlpDeps {
  storage: Pick<Storage, 'database'>;
  files: Pick<Files, 'upsert' | 'upsertHidden' | 'environments' | 'versionsById'>;
  experiments: Pick<Experiments, 'join'>;
  logs: Pick<Logs, 'record' | 'recordMany' | 'moveToTrace' | 'change' | 'find'>;
  prices: Pick<Gateway['prices'], 'cost'>;
  /** Bytes of a body, packed or not. */
  maxBodyBytes: number;
  /** Other replicas take spans of the same traces, so this one's memory proves nothing. */
  replicated: boolean;
  /** Milliseconds since 1970. */
  now?: () => number;
  log?: { warn(fields: object, message: string): void };
}

import type { AnyObject, ChatMessage, Datapoint, PromptLogResponse, ResponseFormat } from '@whetstone/contract';
import type { z } from 'zod';

/** What an evaluator of the library is. One file each in `library/`, all of them in `table.ts`. */

type ReadFields =
  | 'output'
  | 'output_message'
  | 'messages'
  | 'inputs'
  | 'metadata'
  | 'error'
  | 'payload'
  | 'latency_ms'
  | 'first_token_ms'
  | 'provider_latency'
  | 'cost_usd'
  | 'prompt_cost'
  | 'output_cost'
  | 'estimated'
  | 'trace_children';

/** A log in v5's shape, of any kind of file, whole or in part: the fields that the library reads. */
export type JudgedLog = { [K in ReadFields]?: PromptLogResponse[K] | undefined };

export interface Subject {
  log: JudgedLog;
  /** The datapoint that the log belongs to, where there is one. */
  testcase?: Datapoint | null | undefined;
}

/** One chat call that answers with a JSON text in the form asked for. The caller chooses the model, meters and retries. */
export type Ask = (
  request: { messages: ChatMessage[]; response_format: ResponseFormat },
  signal: AbortSignal | undefined,
) => Promise<string>;
/** One vector per text, in the same order. */
export type Embed = (texts: readonly string[], signal: AbortSignal | undefined) => Promise<readonly (readonly number[])[]>;

/** What a judgment may need from outside; evaluators that need neither `ask` nor `embed` are pure. */
export interface Help {
  ask?: Ask | undefined;
  embed?: Embed | undefined;
  signal?: AbortSignal | undefined;
}

/** What has to be there for an evaluator to judge; `needWords` says each in words. */
export type Need = 'output' | 'reference' | 'question' | 'context' | 'tool_calls' | 'trace' | 'latency' | 'cost' | 'model' | 'embedding';

export const needWords: Record<Need, string> = {
  output: "the log's text",
  reference: "the datapoint's target",
  question: 'what was asked: the last message of the user, or an input',
  context: 'the passages that were retrieved',
  tool_calls: 'a model that calls tools',
  trace: 'the whole trace',
  latency: 'a measured time',
  cost: 'a known price',
  model: 'a model that judges',
  embedding: 'a model for embeddings',
};

/** What comes out. A boolean is true when all is well; `better` says where a number should go, null when neither way. */
export interface Returns {
  type: 'boolean' | 'number';
  min: number | null;
  max: number | null;
  better: 'higher' | 'lower' | null;
}

/** `not_scored` (something needed is missing) and `failed` (the judging went wrong) are neither of them zero. */
export type Outcome =
  | { outcome: 'scored'; value: boolean | number; reason: string | null }
  | { outcome: 'not_scored'; value: null; reason: string }
  | { outcome: 'failed'; value: null; error: string };

/** A subject read: each field is filled when the evaluator needs it, else empty. */
export interface Material {
  log: JudgedLog;
  /** The chosen value of the target as it stands. */
  target: unknown;
  output: string;
  /** The target as texts: several when it is a list of texts, each of which is right. */
  references: readonly string[];
  question: string;
  contexts: readonly string[];
}

export type Scorer = (material: Material, help: Help) => Outcome | Promise<Outcome>;

export const groups = ['text', 'structure', 'similarity', 'retrieval', 'safety', 'style', 'operation'] as const;

export interface Evaluator<O = AnyObject> {
  /** Stable id. */
  name: string;
  title: string;
  group: (typeof groups)[number];
  /** One sentence for whoever chooses it. */
  description: string;
  /** What it does not tell. */
  limits: string | null;
  options: z.ZodType<O>;
  needs: (options: O) => readonly Need[];
  returns: (options: O) => Returns;
  /** Sources of the method. */
  cites: readonly string[];
  /** Longest text it judges, in UTF-16 units; longer ones are not scored. */
  maxChars: number;
  /** Makes ready what costs time, once for many judgments. Throws `invalid_input` for options that cannot work. */
  prepare: (options: O) => Scorer | Promise<Scorer>;
}

type Defaults = 'limits' | 'cites' | 'maxChars';

/** Fills in what most evaluators have in common, and lets the table hold evaluators of different options. */
export function defineEvaluator<O extends AnyObject>(
  evaluator: Omit<Evaluator<O>, Defaults> & Partial<Pick<Evaluator<O>, Defaults>>,
): Evaluator {
  // The door parses options by this very schema before any function sees them.
  return { limits: null, cites: [], maxChars: 1_000_000, ...evaluator } as unknown as Evaluator;
}

export const scored = (value: boolean | number, reason: string | null = null): Outcome => ({ outcome: 'scored', value, reason });
export const notScored = (reason: string): Outcome => ({ outcome: 'not_scored', value: null, reason });
export const failed = (error: string): Outcome => ({ outcome: 'failed', value: null, error });

/** True when all is well. */
export const passes: Returns = { type: 'boolean', min: null, max: null, better: null };
/** From 0 to 1, the more the better. */
export const share: Returns = { type: 'number', min: 0, max: 1, better: 'higher' };

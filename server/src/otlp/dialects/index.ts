import { aiSdkDialect } from './ai-sdk.ts';
import type { Dialect } from './dialect.ts';
import { genAiDialect } from './gen-ai.ts';
import { genAiIndexedDialect } from './gen-ai-indexed.ts';
import { humanloopDialect } from './humanloop.ts';
import { openInferenceDialect } from './openinference.ts';
import { plainDialect } from './plain.ts';
import { vectorDatabaseDialect } from './vector-database.ts';

/** The dialects, those first that others contain: the first that recognises a span reads it, and the last takes any. */
const spoken: readonly Dialect[] = [
  aiSdkDialect,
  openInferenceDialect,
  vectorDatabaseDialect,
  genAiIndexedDialect,
  genAiDialect,
  plainDialect,
];
export const dialects: readonly Dialect[] = [humanloopDialect(() => spoken), ...spoken];

export type { Dialect, Reading } from './dialect.ts';

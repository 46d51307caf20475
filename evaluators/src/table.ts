import type { Evaluator } from './evaluator.ts';
import { answerRelevance } from './library/answer-relevance.ts';
import { bleu } from './library/bleu.ts';
import { chrf } from './library/chrf.ts';
import { contains } from './library/contains.ts';
import { contextPrecision } from './library/context-precision.ts';
import { contextRecall } from './library/context-recall.ts';
import { cost } from './library/cost.ts';
import { editDistance } from './library/edit-distance.ts';
import { embeddingSimilarity } from './library/embedding-similarity.ts';
import { exact } from './library/exact.ts';
import { faithfulness } from './library/faithfulness.ts';
import { jsonDiff } from './library/json-diff.ts';
import { jsonSchema } from './library/json-schema.ts';
import { language } from './library/language.ts';
import { latency } from './library/latency.ts';
import { length } from './library/length.ts';
import { numeric } from './library/numeric.ts';
import { pii } from './library/pii.ts';
import { readability } from './library/readability.ts';
import { refusal } from './library/refusal.ts';
import { regex } from './library/regex.ts';
import { rouge } from './library/rouge.ts';
import { sqlEquivalence } from './library/sql-equivalence.ts';
import { toolCalls } from './library/tool-calls.ts';
import { toxicity } from './library/toxicity.ts';

/** Every evaluator of the library, by group, in the order they are offered. */
export const library: readonly Evaluator[] = [
  exact,
  contains,
  regex,
  jsonSchema,
  jsonDiff,
  numeric,
  sqlEquivalence,
  toolCalls,
  editDistance,
  bleu,
  rouge,
  chrf,
  embeddingSimilarity,
  faithfulness,
  answerRelevance,
  contextPrecision,
  contextRecall,
  toxicity,
  pii,
  refusal,
  language,
  length,
  readability,
  latency,
  cost,
];

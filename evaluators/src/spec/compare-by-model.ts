import type { JsonObject, PairVerdict } from '@whetstone/contract';
import { getOwn } from '@whetstone/domain';
import { type CallModel, failure, type Material, materialOf, type ModelSpec, votesOf } from './judge-by-model.ts';
import type { SpecOutcome } from './outcome.ts';
import { combine } from './votes.ts';

/** Two answers to one case: the judged log, and the one that it is compared with. */
export interface PairSubject {
  log: JsonObject;
  other: JsonObject;
  testcase: JsonObject | null;
}

/** What the judge said while one of them was shown first, of the judged log. */
export interface PairOrder {
  first: 'log' | 'other';
  verdict: PairVerdict;
  reason: string | null;
}
export type PairOutcome = SpecOutcome & { orders: PairOrder[] };

const task = [
  'Two answers to the same case are compared. They are called first and second by the order in which they are shown and by nothing else: the order tells nothing of which is better, nor does length by itself.',
  'Say `first` or `second` for the one that is better by the instructions, and `tie` where neither is.',
].join('\n');

/**
 * Asks a judge twice, with the answers in both places. Judges lean to a place (Zheng et al. 2023, "Judging LLM-as-a-judge with MT-Bench and
 * Chatbot Arena"), so only what it says in both orders counts; where they disagree it is a tie. Never rejects but with what `signal` says.
 */
export async function compareByModel(spec: ModelSpec, pair: PairSubject, call: CallModel, signal?: AbortSignal): Promise<PairOutcome> {
  const orders = [
    { first: 'log', material: shown(spec, pair, pair.log, pair.other) },
    { first: 'other', material: shown(spec, pair, pair.other, pair.log) },
  ] as const;
  for (const { material } of orders) if ('missing' in material) return { outcome: 'not_judged', reason: material.missing, orders: [] };
  try {
    const said = await Promise.all(orders.map(({ first, material }) => ask(spec, first, material as Material, call)));
    return { ...decided(said), orders: said };
  } catch (error) {
    signal?.throwIfAborted();
    return { ...failure(error), orders: [] };
  }
}

/** `log` holds only what the case is, for an answer under its own name would tell which one is judged. */
function shown({ prompt }: ModelSpec, { log, testcase }: PairSubject, first: JsonObject, second: JsonObject) {
  const asked = { inputs: getOwn(log, 'inputs') ?? null, messages: getOwn(log, 'messages') ?? null };
  const material = materialOf(prompt, { first, second, log: asked, testcase });
  if ('missing' in material && material.missing.includes('`log.'))
    return {
      missing: `${material.missing} A judge that compares two answers finds them in \`first\` and \`second\`; \`log\` has inputs and messages.`,
    };
  return material;
}

async function ask(spec: ModelSpec, first: PairOrder['first'], { rule, inputs }: Material, call: CallModel): Promise<PairOrder> {
  const places = { ...spec, return_type: 'select' as const, options: ['first', 'second', 'tie'].map((name) => ({ name })) };
  const said = combine('select', await votesOf(places, { rule: `${task}\n\n${rule}`, inputs }, call));
  // Votes that are tied prefer neither.
  if (said.outcome === 'not_judged' || said.value === 'tie') return { first, verdict: 'tie', reason: said.reason };
  return { first, verdict: (said.value === 'first') === (first === 'log') ? 'better' : 'worse', reason: said.reason };
}

function decided(orders: readonly PairOrder[]): Extract<SpecOutcome, { outcome: 'judged' }> {
  const [one, other] = orders as [PairOrder, PairOrder];
  // `first` and `second` in what the judge says mean this answer and the other one only in the order in which this one came first.
  if (one.verdict === other.verdict)
    return { outcome: 'judged', value: one.verdict, reason: one.reason === null ? null : `This answer shown first: ${one.reason}` };
  const how = orders.map(({ first, verdict }) => `${verdict} when ${first === 'log' ? 'shown first' : 'shown second'}`).join(', ');
  const why = orders
    .flatMap(({ first, reason }) => (reason === null ? [] : [`This answer shown ${first === 'log' ? 'first' : 'second'}: ${reason}`]))
    .join(' ');
  return { outcome: 'judged', value: 'tie', reason: `A tie, because it depended on the order: ${how}.${why === '' ? '' : ` ${why}`}` };
}

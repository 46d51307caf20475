import type { EvaluatorSpec, JudgmentValue } from '@whetstone/contract';

export interface Vote {
  value: JudgmentValue;
  reason: string | null;
}
type Combined = { outcome: 'judged'; value: JudgmentValue; reason: string | null } | { outcome: 'not_judged'; reason: string };

/** Votes of one judge as one judgment: the one that most gave, of numbers the median, of labels those that more than half gave. */
export function combine(type: EvaluatorSpec['return_type'], votes: readonly Vote[]): Combined {
  const [first] = votes;
  if (first === undefined) return { outcome: 'not_judged', reason: 'Nobody voted.' };
  if (votes.length === 1 || type === 'text') return { outcome: 'judged', ...first };
  if (type === 'number') return median(votes);
  if (type === 'multi_select') return labels(votes);
  return plurality(votes);
}

function median(votes: readonly Vote[]): Combined {
  const numbers = votes.map(({ value }) => Number(value)).toSorted((a, b) => a - b);
  const middle = (numbers.length - 1) / 2;
  const value = ((numbers[Math.floor(middle)] ?? 0) + (numbers[Math.ceil(middle)] ?? 0)) / 2;
  return { outcome: 'judged', value, reason: told(`Median of ${numbers.join(', ')}.`, votes, (vote) => vote.value === value) };
}

function labels(votes: readonly Vote[]): Combined {
  const counts = countOf(votes.flatMap(({ value }) => (Array.isArray(value) ? [...new Set(value)] : [])));
  const value = [...counts].flatMap(([label, count]) => (count * 2 > votes.length ? [label] : []));
  return { outcome: 'judged', value, reason: told(tally(counts, votes), votes, () => true) };
}

function plurality(votes: readonly Vote[]): Combined {
  const counts = countOf(votes.map(({ value }) => String(value)));
  const most = Math.max(...counts.values());
  const winners = [...counts].filter(([, count]) => count === most);
  if (winners.length > 1) return { outcome: 'not_judged', reason: `The votes are tied: ${tally(counts, votes)}` };
  const [winner] = winners[0] ?? [''];
  const mine = (vote: Vote): boolean => String(vote.value) === winner;
  const value = votes.find(mine)?.value ?? winner;
  return { outcome: 'judged', value, reason: told(tally(counts, votes), votes, mine) };
}

function countOf(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function tally(counts: ReadonlyMap<string, number>, votes: readonly Vote[]): string {
  return `${[...counts].map(([value, count]) => `${count} of ${votes.length} ${value}`).join(', ')}.`;
}

/** How it was decided, and the reasons of the first who decided so. */
function told(how: string, votes: readonly Vote[], mine: (vote: Vote) => boolean): string {
  const reason = votes.find((vote) => mine(vote) && vote.reason !== null)?.reason ?? null;
  return reason === null ? how : `${how} ${reason}`;
}

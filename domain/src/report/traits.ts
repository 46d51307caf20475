import type { ChatMessage, SliceKind } from '@whetstone/contract';

/** What cases can be grouped by: what is known of the case, and what is known of the answer of the run that is looked at. */

export interface CaseFacts {
  inputs: Record<string, string> | null;
  messages: readonly ChatMessage[] | null;
  metadata: Record<string, unknown> | null;
  split: string | null;
  tags: readonly string[];
}
export interface AnswerFacts {
  outputLength: number | null;
  failed: boolean;
  finishReason: string | null;
  model: string | null;
}
export interface Facts {
  /** By case; null: it is in no dataset any more. */
  cases: readonly (CaseFacts | null)[];
  answers: readonly (AnswerFacts | null)[];
}
export interface Trait {
  by: string;
  value: string;
  /** How a filter names it: `FIELD=VALUE`. */
  filter: string;
  cases: number[];
}

const mostTopics = 60;
const mostValues = 200;

/** The traits of a kind, the most frequent first; of inputs and labels those of the field, or of the first that groups anything. */
export function traitsOf(kind: SliceKind, facts: Facts, field: string | null = null): Trait[] {
  const { cases, answers } = facts;
  switch (kind) {
    case 'tag': {
      const name = field ?? fieldsOf('tag', facts)[0] ?? 'tag';
      return byValue(name, name, cases, (each) => labelsOf(each, name));
    }
    case 'input': {
      const name = field ?? fieldsOf('input', facts)[0] ?? null;
      return name === null ? [] : byValue(name, `input.${name}`, cases, (each) => each.inputs?.[name] ?? []);
    }
    case 'input_length':
      return byLength(
        'input length',
        'input_length',
        cases.map((each) => each && textOf(each).length),
      );
    case 'output_length':
      return byLength(
        'output length',
        'output_length',
        answers.map((each) => each?.outputLength ?? null),
      );
    case 'topic':
      return topics(cases);
    case 'error':
      return byValue('call', 'error', answers, ({ failed }) => (failed ? 'failed' : 'answered'));
    case 'finish_reason':
      return byValue('finish reason', 'finish_reason', answers, ({ finishReason }) => finishReason ?? []);
    case 'model':
      return byValue('model', 'model', answers, ({ model }) => model ?? []);
  }
}

/** Names that one can slice by: labels and tags, or input variables; those that group anything first. */
export function fieldsOf(kind: SliceKind, { cases }: Facts): string[] {
  const known = cases.filter((each) => each !== null);
  if (kind === 'tag') {
    const metadata = new Set(known.flatMap(({ metadata: of }) => Object.keys(of ?? {}).map((key) => `metadata.${key}`)));
    const names = [
      ...(known.some(({ tags }) => tags.length > 0) ? ['tag'] : []),
      ...(known.some(({ split }) => split) ? ['split'] : []),
      ...metadata,
    ];
    return sortedByUse(names, known, labelsOf);
  }
  if (kind !== 'input') return [];
  const names = new Set(known.flatMap(({ inputs }) => Object.keys(inputs ?? {})));
  return sortedByUse([...names], known, ({ inputs }, name) => inputs?.[name] ?? []);
}

type Values = string | readonly string[];

function sortedByUse(names: readonly string[], cases: readonly CaseFacts[], valuesOf: (each: CaseFacts, name: string) => Values): string[] {
  const groups = new Map(
    names.map((name) => {
      const counts = new Map<string, number>();
      for (const each of cases) for (const value of [valuesOf(each, name)].flat()) counts.set(value, (counts.get(value) ?? 0) + 1);
      return [name, counts.size > 1 && [...counts.values()].some((count) => count > 1)];
    }),
  );
  return [...names].sort((a, b) => Number(groups.get(b)) - Number(groups.get(a)));
}

function labelsOf({ tags, split, metadata }: CaseFacts, field: string): Values {
  if (field === 'tag') return tags;
  if (field === 'split') return split ?? [];
  const value = metadata?.[field.replace(/^metadata\./, '')];
  if (value == null) return [];
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function byValue<T>(by: string, filter: string, of: readonly (T | null)[], valuesOf: (each: T) => Values): Trait[] {
  const traits = new Map<string, Trait>();
  for (const [at, each] of of.entries()) {
    if (each === null) continue;
    for (const value of new Set([valuesOf(each)].flat())) {
      const trait = traits.get(value) ?? { by, value, filter: `${filter}=${value}`, cases: [] };
      trait.cases.push(at);
      traits.set(value, trait);
    }
  }
  return [...traits.values()].sort((a, b) => b.cases.length - a.cases.length).slice(0, mostValues);
}

/** Quarters of the cases by length; fewer where many are alike. */
function byLength(by: string, filter: string, lengths: readonly (number | null)[]): Trait[] {
  const sorted = lengths.filter((length) => length !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return [];
  const ends = [...new Set([0.25, 0.5, 0.75, 1].map((q) => sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)]!))];
  const traits = ends.map((end, i): Trait => {
    const value = i === 0 ? `up to ${end} characters` : `${ends[i - 1]! + 1} to ${end} characters`;
    return { by, value, filter: `${filter}=${value}`, cases: [] };
  });
  for (const [at, length] of lengths.entries()) if (length !== null) traits[ends.findIndex((end) => length <= end)]!.cases.push(at);
  return traits;
}

const everywhere = new Set(
  `about above after again also always another anyone because been before being below between both cannot could does doing down during each
  ever every from further have having here hers herself himself into itself just know like made make many more most much must myself need
  only other ours over please same shall should some such tell than thank thanks that their theirs them themselves then there these they
  thing this those through under until upon very want were what when where which while whom whose will with within without would your
  yours yourself user assistant`.split(/\s+/),
);

/** Words that some cases mention and not most: a plain stand-in for a topic, which says exactly what it is. */
function topics(cases: readonly (CaseFacts | null)[]): Trait[] {
  const byWord = new Map<string, number[]>();
  for (const [at, each] of cases.entries()) {
    if (each === null) continue;
    const words =
      textOf(each)
        .slice(0, 20_000)
        .toLowerCase()
        .match(/\p{L}{4,30}/gu) ?? [];
    for (const word of new Set(words)) {
      if (everywhere.has(word)) continue;
      const list = byWord.get(word);
      if (list === undefined) byWord.set(word, [at]);
      else list.push(at);
    }
  }
  return [...byWord]
    .filter(([, at]) => at.length >= 3 && at.length <= 0.6 * cases.length)
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .slice(0, mostTopics)
    .map(([word, at]) => ({ by: 'topic', value: word, filter: `topic=${word}`, cases: at }));
}

function textOf({ inputs, messages }: CaseFacts): string {
  const said = (messages ?? []).map(({ content }) => {
    if (typeof content === 'string') return content;
    return Array.isArray(content)
      ? content.map((part) => ('text' in part && typeof part.text === 'string' ? part.text : '')).join(' ')
      : '';
  });
  return [...Object.values(inputs ?? {}), ...said].join('\n');
}

import type { OtelRule } from '@whetstone/contract';

type Condition = OtelRule['when'][number];
/** A piece of a sentence; `code` is what the rule says literally. */
export interface Piece {
  text: string;
  code?: true;
}

/** What spans become, as a person would call them. */
export const kindWords = {
  prompt: { many: 'Model calls', hint: 'chats, completions, embeddings' },
  tool: { many: 'Tools and retrievals', hint: 'searches, reranks, functions' },
  flow: { many: 'Everything around them', hint: 'agents, chains, requests' },
} as const;

const says: Record<Exclude<Condition['is'], 'present'>, string> = { equal: ' is ', starting: ' starts with ', containing: ' contains ' };

/** What a rule does, as a sentence. */
export function inWords(rule: OtelRule): Piece[] {
  const who = rule.kind == null ? 'Spans' : kindWords[rule.kind].many;
  const conditions = rule.when.flatMap((condition, at): Piece[] => [{ text: at === 0 ? ' ' : ' and ' }, ...conditionWords(condition)]);
  const names = placeholdersOf(rule.path);
  return [
    { text: who },
    ...conditions,
    { text: ` go to the ${rule.kind ?? 'file'} ` },
    { text: rule.path, code: true },
    ...(names.length === 0
      ? []
      : [{ text: ', where ' }, ...names.flatMap(listed), { text: names.length === 1 ? ' is' : ' are' }, { text: ' what the span says' }]),
    { text: '.' },
  ];
}

function conditionWords({ attribute, is, value }: Condition): Piece[] {
  if (is === 'present') return [{ text: 'that have ' }, { text: attribute, code: true }];
  return [{ text: 'whose ' }, { text: attribute, code: true }, { text: says[is] }, { text: value ?? '', code: true }];
}

function listed(name: string, at: number, all: readonly string[]): Piece[] {
  const before = at === 0 ? [] : [{ text: at === all.length - 1 ? ' and ' : ', ' }];
  return [...before, { text: `{${name}}`, code: true }];
}

/** `a/{b}/{c}` names b and c. */
export function placeholdersOf(path: string): string[] {
  return [...new Set([...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name ?? ''))];
}

/** The place of an earlier rule that takes all that this one could; null when there is none. */
export function shadowedBy(rules: readonly OtelRule[], at: number): number | null {
  const rule = rules[at];
  if (rule === undefined) return null;
  const found = rules.slice(0, at).findIndex((earlier) => {
    if (earlier.kind != null && earlier.kind !== rule.kind) return false;
    return earlier.when.every((wider) => rule.when.some((narrower) => follows(narrower, wider)));
  });
  return found < 0 ? null : found;
}

/** Whether a span that meets the one condition always meets the other. */
function follows(narrower: Condition, wider: Condition): boolean {
  if (narrower.attribute !== wider.attribute) return false;
  if (wider.is === 'present') return true;
  if (narrower.is === 'present') return false;
  const [less, more] = [wider.value ?? '', narrower.value ?? ''];
  if (wider.is === 'equal') return narrower.is === 'equal' && less === more;
  if (wider.is === 'starting') return narrower.is !== 'containing' && more.startsWith(less);
  return more.includes(less);
}

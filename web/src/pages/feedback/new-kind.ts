import type { EvaluatorSpec, ReturnType, Valence } from '@whetstone/contract';

/** What the form for a kind of feedback holds. */
export interface NewKind {
  name: string;
  question: string;
  type: ReturnType;
  options: { name: string; valence: Valence }[];
  min: string;
  max: string;
  /** Of a number: more is better or worse. Of yes or no: yes is good or bad. */
  valence: Valence;
}

export const empty: NewKind = {
  name: '',
  question: '',
  type: 'select',
  options: [
    { name: '', valence: 'positive' },
    { name: '', valence: 'negative' },
  ],
  min: '1',
  max: '5',
  valence: 'positive',
};

export const chooses = ({ type }: Pick<NewKind, 'type'>): boolean => type === 'select' || type === 'multi_select';

/** As a name in a path and in calls. */
export function slugOf(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '');
}

/** Why it cannot be made yet; null when it can. */
export function lackOf(kind: NewKind, taken: readonly string[]): string | null {
  const slug = slugOf(kind.name);
  if (slug === '') return 'Give it a name.';
  if (taken.includes(`feedback/${slug}`)) return `There is a kind ${slug} already. Choose another name.`;
  if (chooses(kind)) {
    const names = kind.options.map(({ name }) => name.trim()).filter((name) => name !== '');
    if (names.length < 2) return 'Give it two options at least.';
    if (new Set(names).size < names.length) return 'Two options have the same name.';
  }
  if (kind.type === 'number') {
    const [min, max] = [numberOf(kind.min), numberOf(kind.max)];
    if (Number.isNaN(min) || Number.isNaN(max)) return 'The limits are numbers, or empty.';
    if (min !== null && max !== null && min >= max) return 'The lowest number lies below the highest.';
  }
  return null;
}

export function specOf(kind: NewKind): EvaluatorSpec {
  const common = {
    evaluator_type: 'human' as const,
    arguments_type: 'target_free' as const,
    return_type: kind.type,
    instructions: kind.question.trim() || null,
  };
  if (chooses(kind))
    return {
      ...common,
      options: kind.options.flatMap(({ name, valence }) => (name.trim() === '' ? [] : [{ name: name.trim(), valence }])),
    };
  if (kind.type === 'boolean') return { ...common, number_valence: kind.valence };
  if (kind.type === 'number') {
    const [min, max] = [numberOf(kind.min), numberOf(kind.max)];
    const whole = [min, max].every((limit) => limit === null || Number.isInteger(limit));
    const limits = { min, max, step: whole && min !== null && max !== null ? 1 : null };
    return { ...common, number_limits: limits, number_valence: kind.valence };
  }
  return common;
}

function numberOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}

import { AppError } from '@whetstone/contract';
import type { SliceKind } from '@whetstone/contract';
import { type Facts, traitsOf } from '@whetstone/domain';

const kinds = ['input_length', 'output_length', 'topic', 'error', 'finish_reason', 'model'] as const;

/** Cases that are in all of the slices. @throws AppError 422 for what names no slice */
export function sliceMembers(slices: readonly string[], facts: Facts): Set<number> {
  const sets = slices.map((slice) => new Set(traitOf(slice, facts)));
  return sets.reduce((all, set) => new Set([...all].filter((at) => set.has(at))));
}

function traitOf(slice: string, facts: Facts): readonly number[] {
  const [field = '', ...rest] = slice.split('=');
  if (rest.length === 0) throw wrong(slice);
  const { kind, name } = kindOf(field, slice);
  return traitsOf(kind, facts, name).find(({ filter }) => filter === slice)?.cases ?? [];
}

function kindOf(field: string, slice: string): { kind: SliceKind; name: string | null } {
  if (field === 'tag' || field === 'split' || field.startsWith('metadata.')) return { kind: 'tag', name: field };
  if (field.startsWith('input.')) return { kind: 'input', name: field.slice('input.'.length) };
  const kind = kinds.find((each) => each === field);
  if (kind === undefined) throw wrong(slice);
  return { kind, name: null };
}

function wrong(slice: string): AppError {
  return new AppError(
    'invalid_input',
    `\`${slice}\` is no slice. Write FIELD=VALUE with a field of tag, split, metadata.NAME, input.NAME, ${kinds.join(', ')}, as the slices of the report name them.`,
  );
}

import { clsx, type ClassValue } from 'clsx';

/**
 * Which classes are of one kind, so that a later one takes the place of an earlier one. Only kinds that components of
 * the kit let their users change; a complete table would weigh more than the kit.
 */
const kinds: [pattern: RegExp, kind: string][] = [
  [/^(?:size|h|w|min-h|min-w|max-h|max-w|gap-x|gap-y|gap|p|px|py|mt|mb|rounded|opacity|bg|basis|self|justify|items|leading)-/, ''],
  [/^text-(?:meta|base|read|title|figure|\[)/, 'font-size'],
  [/^text-(?:left|right|center)$/, 'text-align'],
  [/^text-(?:ink|accent|on|better|worse|undecided|page)/, 'colour'],
  [/^font-(?:normal|medium|semibold)$/, 'weight'],
];

/** Class names in order, later ones in place of earlier ones of the same kind under the same variants. */
export function cx(...classes: ClassValue[]): string {
  const kept = new Map<string, string>();
  for (const name of clsx(classes).split(/\s+/)) {
    if (name === '') continue;
    const key = kindOf(name);
    kept.delete(key);
    kept.set(key, name);
  }
  return [...kept.values()].join(' ');
}

function kindOf(name: string): string {
  // Variants end at the last colon outside brackets: `pointer-coarse:h-9`, `[&_svg]:shrink-0`.
  const variants = /^(?:(?:\[[^\]]*\]|[^:[\]]|\[[^\]]*)*:)?/.exec(name)?.[0] ?? '';
  const bare = name.slice(variants.length);
  for (const [pattern, kind] of kinds) {
    const found = pattern.exec(bare);
    if (found) return variants + (kind === '' ? found[0] : kind);
  }
  return name;
}

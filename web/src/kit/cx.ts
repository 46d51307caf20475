import { clsx, type ClassValue } from 'clsx';
import { extendTailwindMerge } from 'tailwind-merge';

const merge = extendTailwindMerge({
  extend: { classGroups: { 'font-size': [{ text: ['meta', 'base', 'read', 'title', 'figure'] }] } },
});

/** Class names, later ones winning over earlier ones of the same kind. */
export function cx(...classes: ClassValue[]): string {
  return merge(clsx(classes));
}

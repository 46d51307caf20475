import { contentHash, printPromptFile } from '@whetstone/domain';
import type { AnyObject, Kernels } from '@whetstone/contract';
import type { Format } from './formats/index.ts';

/** A text in the one form in which equal content is equal text; null when it cannot be read. */
export function canonical(format: Format, text: string): string | null {
  try {
    const content = format.parse(text);
    if (format.kind === 'prompt') return printPromptFile('prompt', content as Kernels['prompt']);
    if (format.kind === 'agent') return printPromptFile('agent', content as Kernels['agent']);
    return format.print?.(content) ?? null;
  } catch {
    return null;
  }
}

/** Whether two contents make the same version. */
export function sameContent(format: Format, a: AnyObject, b: AnyObject): boolean {
  if (format.kind === 'dataset') return format.print?.(a) === format.print?.(b);
  return contentHash(format.kind, a as never) === contentHash(format.kind, b as never);
}

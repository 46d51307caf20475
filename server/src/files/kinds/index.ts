import type { FileKind } from '@whetstone/contract';
import { agent } from './agent.ts';
import { dataset } from './dataset.ts';
import { evaluator } from './evaluator.ts';
import { flow } from './flow.ts';
import type { Kind } from './kind.ts';
import { prompt } from './prompt.ts';
import { tool } from './tool.ts';

export const kinds: { readonly [K in FileKind]: Kind<K> } = { prompt, tool, dataset, evaluator, flow, agent };

/** As a message begins with it: `Prompt`. */
export function kindTitle(kind: FileKind | null): string {
  return kind === null ? 'File' : kind.charAt(0).toUpperCase() + kind.slice(1);
}

/** With its article: `a prompt`, `an agent`. */
export function aKind(kind: FileKind): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

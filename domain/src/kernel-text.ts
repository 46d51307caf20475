import type { FileKind, Kernels } from '@whetstone/contract';
import { stringify } from 'yaml';
import { printPromptFile } from './prompt-file.ts';
import { canonicalKernel } from './version-hash.ts';

/** A kernel as a text to read and to compare line by line: a prompt file, or YAML for the other kinds. */
export function printKernelText<K extends FileKind>(kind: K, kernel: Kernels[K]): string {
  if (isOf(kind, kernel, 'prompt')) return printPromptFile('prompt', kernel);
  if (isOf(kind, kernel, 'agent')) return printPromptFile('agent', kernel);
  return stringify(canonicalKernel(kind, kernel), { lineWidth: 0, blockQuote: 'literal' });
}

function isOf<K extends FileKind>(kind: FileKind, _kernel: Kernels[FileKind], wanted: K): _kernel is Kernels[K] {
  return kind === wanted;
}

import type { FileKind } from '@whetstone/contract';
import { datasetFormat } from './dataset.ts';
import { evaluatorFormat } from './evaluator.ts';
import { flowFormat } from './flow.ts';
import type { Format } from './format.ts';
import { agentFormat, promptFormat } from './prompt.ts';
import { toolFormat } from './tool.ts';

export { type Format, FormatError } from './format.ts';

/** Every kind as text, one row each. */
export const formats: readonly Format[] = [promptFormat, agentFormat, evaluatorFormat, datasetFormat, toolFormat, flowFormat];

export function formatOf(kind: FileKind): Format {
  const format = formats.find((each) => each.kind === kind);
  if (format === undefined) throw new Error(`No text form of ${kind}.`);
  return format;
}

/** The format and the path in the workspace that a file's name stands for; null for any other file. */
export function readName(name: string): { format: Format; path: string } | null {
  const format = formats.find(({ extension }) => name.endsWith(extension) && name.length > extension.length);
  return format === undefined ? null : { format, path: name.slice(0, -format.extension.length) };
}

import type { ReportCase } from '@whetstone/contract';
import { textOf } from '../../../../parts/log/content.ts';

/** What a case is about in one line: its inputs, else what was last said. */
export function titleOf({ datapoint }: Pick<ReportCase, 'datapoint'>): string {
  const values = Object.values(datapoint.inputs ?? {}).filter((value) => value !== '');
  if (values.length > 0) return oneLine(values.join(' · '));
  const last = datapoint.messages?.at(-1);
  return last === undefined ? 'without input' : oneLine(textOf(last));
}

export function oneLine(text: string, most = 300): string {
  return text.slice(0, most).replaceAll(/\s+/g, ' ').trim();
}

/** What should come out: a single text as it is, everything else as JSON. */
export function targetText(target: ReportCase['datapoint']['target']): string {
  if (target === null) return '';
  const values = Object.values(target);
  return values.length === 1 && typeof values[0] === 'string' ? values[0] : JSON.stringify(target, null, 2);
}

import type { AnyObject } from '@whetstone/contract';
import { type Format, FormatError } from './format.ts';
import { stated } from './front-matter.ts';

const order = ['inputs', 'messages', 'target', 'split', 'tags', 'metadata'];

/** A dataset: a datapoint a line, so that a changed case is a changed line. Attributes, if any, are the first line. */
export const datasetFormat: Format = {
  kind: 'dataset',
  extension: '.dataset.jsonl',
  print({ datapoints, attributes }) {
    const points = (datapoints as AnyObject[]).map(({ inputs, messages, target, split, tags, metadata }) =>
      stated({ inputs, messages, target, split, tags: Array.isArray(tags) && tags.length === 0 ? null : tags, metadata }, order),
    );
    const first = stated({ attributes });
    const lines = Object.keys(first).length === 0 ? points : [first, ...points];
    return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  },
  parse(text) {
    const datapoints: AnyObject[] = [];
    let attributes: unknown = null;
    for (const [index, line] of text.split('\n').entries()) {
      if (line.trim() === '') continue;
      const value = parseLine(line, index + 1);
      if ('attributes' in value && datapoints.length === 0) attributes = value['attributes'];
      else datapoints.push(value);
    }
    return { datapoints, action: 'set', ...(attributes === null ? {} : { attributes }) };
  },
};

function parseLine(line: string, number: number): AnyObject {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new FormatError(number, null, `Not valid JSON: ${error instanceof Error ? error.message : ''}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new FormatError(number, null, 'A line is a datapoint: {"inputs": {…}, "messages": […], "target": {…}}.');
  const unknown = Object.keys(value).find((key) => ![...order, 'id', 'attributes'].includes(key));
  if (unknown !== undefined) throw new FormatError(number, null, `\`${unknown}\` is none of ${order.join(', ')}.`);
  return value as AnyObject;
}

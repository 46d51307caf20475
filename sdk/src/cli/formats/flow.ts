import type { Format } from './format.ts';
import { parseFrontMatter, printFrontMatter, stated } from './front-matter.ts';

/** A flow: the attributes that name its version, as YAML. */
export const flowFormat: Format = {
  kind: 'flow',
  extension: '.flow',
  print: ({ attributes }) => printFrontMatter(stated({ attributes }), null),
  parse: (text) => ({ attributes: parseFrontMatter(text).front['attributes'] ?? {} }),
};

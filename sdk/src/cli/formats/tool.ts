import type { AnyObject } from '@whetstone/contract';
import { contentHash } from '@whetstone/domain';
import type { Format } from './format.ts';
import { parseFrontMatter, printFrontMatter, stated } from './front-matter.ts';

const order = ['tool_type', 'function', 'setup_values', 'attributes'];

/** A tool: its type, declaration and settings as YAML, below them its source code. */
export const toolFormat: Format = {
  kind: 'tool',
  extension: '.tool',
  print(version) {
    const { tool_type, function: declared, setup_values, attributes, source_code } = version;
    const front: AnyObject = { tool_type: isSaid(version) ? tool_type : null, setup_values, attributes };
    if (typeof declared === 'object' && declared !== null) {
      const { description, ...rest } = declared as AnyObject;
      front['function'] = stated({ ...rest, description: description === '' ? null : description }, ['name', 'description']);
    }
    const code = source_code as string | null | undefined;
    if (code?.includes('\r') === true) return printFrontMatter(stated({ ...front, source_code: code }, order), null);
    return printFrontMatter(stated(front, order), code ?? null);
  },
  parse(text) {
    const { front, body } = parseFrontMatter(text);
    return body === '' ? front : { ...front, source_code: body };
  },
};

/** The API tells the type of a tool that does not state one; the hash of the content tells whether it does. */
function isSaid(version: AnyObject): boolean {
  if (version['tool_type'] !== 'json_schema' || typeof version['content_hash'] !== 'string') return true;
  return contentHash('tool', { ...version, tool_type: null }) !== version['content_hash'];
}

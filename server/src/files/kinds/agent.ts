import { filePrefixes, variables, versionPrefixes } from '@whetstone/domain';
import type { Kind } from './kind.ts';

export const agent: Kind<'agent'> = {
  kind: 'agent',
  prefix: filePrefixes.agent,
  versionPrefix: versionPrefixes.agent,
  inputs: (kernel) => variables(kernel.template, kernel.template_language),
  validate: ({ tools }) => {
    const seen = new Set<string>();
    return (tools ?? []).flatMap((tool, index) => {
      if ('link' in tool || !seen.has(tool.json_schema.name)) {
        if (!('link' in tool)) seen.add(tool.json_schema.name);
        return [];
      }
      const loc = ['body', 'tools', index, 'json_schema', 'name'];
      return [{ loc, msg: `is \`${tool.json_schema.name}\` again`, type: 'value_error.duplicate' }];
    });
  },
  linkedFiles: ({ tools }) => ({
    kinds: ['tool', 'prompt', 'agent'],
    links: (tools ?? []).flatMap((tool, index) => {
      if (!('link' in tool)) return [];
      const { file_id: fileId, version_id, environment_id } = tool.link;
      return [{ loc: ['body', 'tools', index, 'link'], fileId, versionId: version_id ?? null, environmentId: environment_id ?? null }];
    }),
  }),
};

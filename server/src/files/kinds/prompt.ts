import { filePrefixes, variables, versionPrefixes } from '@whetstone/domain';
import type { Kind } from './kind.ts';

export const prompt: Kind<'prompt'> = {
  kind: 'prompt',
  prefix: filePrefixes.prompt,
  versionPrefix: versionPrefixes.prompt,
  inputs: (kernel) => variables(kernel.template, kernel.template_language),
  validate: () => [],
  links: (kernel) => ({ kind: 'tool', field: 'linked_tools', versionIds: kernel.linked_tools ?? [] }),
};

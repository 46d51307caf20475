import { filePrefixes, variables, versionPrefixes } from '@whetstone/domain';
import type { Kind } from './kind.ts';

export const agent: Kind<'agent'> = {
  kind: 'agent',
  prefix: filePrefixes.agent,
  versionPrefix: versionPrefixes.agent,
  inputs: (kernel) => variables(kernel.template, kernel.template_language),
  validate: () => [],
};

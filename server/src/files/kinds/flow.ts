import { filePrefixes, versionPrefixes } from '@whetstone/domain';
import type { Kind } from './kind.ts';

export const flow: Kind<'flow'> = {
  kind: 'flow',
  prefix: filePrefixes.flow,
  versionPrefix: versionPrefixes.flow,
  inputs: () => [],
  validate: () => [],
};

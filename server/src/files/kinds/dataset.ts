import { filePrefixes, versionPrefixes } from '@whetstone/domain';
import type { Kind } from './kind.ts';

export const dataset: Kind<'dataset'> = {
  kind: 'dataset',
  prefix: filePrefixes.dataset,
  versionPrefix: versionPrefixes.dataset,
  inputs: () => [],
  validate: () => [],
};

import { z } from 'zod';
import { chatMessage } from './chat.ts';
import { flag } from './query.ts';

/** What a dataset is made of. */

/** A version holds no more than this many datapoints. */
export const maxDatapoints = 200_000;

const targetValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.unknown()), z.record(z.string(), z.unknown())]);

/** Ours, beside v5's three: what the case is about, which part of the dataset it is in, and words to slice by. */
const labels = {
  metadata: z.record(z.string(), z.unknown()).nullish(),
  /** `train`, `validation`, `test` or any other word. */
  split: z.string().max(100).nullish(),
  tags: z.array(z.string().max(100)).max(100).nullish(),
};

/** One case: what goes in, and (where known) what should come out. All of it is its content, labels too. */
export const datapoint = z.object({
  inputs: z.record(z.string(), z.string()).nullish(),
  messages: z.array(chatMessage).nullish(),
  target: z.record(z.string(), targetValue).nullish(),
  ...labels,
});
export type Datapoint = z.infer<typeof datapoint>;

export const datapointResponse = z
  .object({
    id: z.string(),
    inputs: z.record(z.string(), z.string()).nullable(),
    messages: z.array(chatMessage).nullable(),
    target: z.record(z.string(), targetValue).nullable(),
    metadata: z.record(z.string(), z.unknown()).nullable(),
    split: z.string().nullable(),
    tags: z.array(z.string()),
  })
  .meta({ id: 'DatapointResponse' });
export type DatapointResponse = z.infer<typeof datapointResponse>;

export const datasetActions = ['set', 'add', 'remove'] as const;
export type DatasetAction = (typeof datasetActions)[number];

/** What an upsert takes in place of the kernel, which is derived from it. */
export const datasetContent = z.object({
  datapoints: z.array(datapoint).max(maxDatapoints),
  /** `set` (default): these and no others; `add`, `remove`: to or from the base version. */
  action: z.enum(datasetActions).nullish(),
  attributes: z.record(z.string(), z.unknown()).nullish(),
});

/** The base of `add` and `remove`: a version, or what is deployed to an environment; else the newest version. */
export const datasetBaseQuery = z.object({
  version_id: z.string().nullish(),
  environment: z.string().nullish(),
  include_datapoints: flag.nullish(),
});

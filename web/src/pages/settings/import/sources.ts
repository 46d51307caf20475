import type { ImportSource } from '@whetstone/contract';

interface Source {
  value: ImportSource;
  label: string;
  /** What to bring, and where one gets it. */
  what: string;
  /** What comes of it. */
  comes: string;
  /** Whether its files have ids and paths of their own; else they get new ids and are put where the person says. */
  placed: boolean;
}

/** Where people come from, in the order in which they are offered. */
export const sources: readonly Source[] = [
  {
    value: 'humanloop',
    label: 'Humanloop',
    what: 'The directory that Humanloop’s export tool wrote (it has a folder “files” in it), or what another Whetstone exported.',
    comes: 'Files with their ids, versions, deployments and datasets, and logs with their traces and judgments.',
    placed: true,
  },
  {
    value: 'openai',
    label: 'OpenAI',
    what: 'Evals, their runs and output items, or stored prompts, as JSON or JSON lines; or a registry of openai/evals with its samples.',
    comes: 'Stored prompts become prompts, the cases of evals become datasets, graders become evaluators.',
    placed: false,
  },
  {
    value: 'promptfoo',
    label: 'promptfoo',
    what: 'The folder of a promptfooconfig.yaml, with the files that it names.',
    comes: 'Prompts become prompts, tests become a dataset, assertions become evaluators.',
    placed: false,
  },
  {
    value: 'langfuse',
    label: 'Langfuse',
    what: 'Prompts, datasets and dataset items, as Langfuse’s public API answers them: JSON or JSON lines.',
    comes: 'Prompts with their versions, labels as environments, datasets with their items.',
    placed: false,
  },
];

export function sourceOf(value: ImportSource): Source {
  const source = sources.find((one) => one.value === value);
  if (source === undefined) throw new Error(`No importer is called ${value}.`);
  return source;
}

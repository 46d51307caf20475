import { origins } from '@whetstone/contract';

/** The fields of the filter language and what can be asked of them. */

export type FilterOperator =
  | '='
  /** Contains, without regard to case. */
  | '~'
  /** Starts with; an empty value means "is set". */
  | '^'
  | '>'
  | '>='
  | '<'
  | '<=';

export type FieldType = 'enum' | 'name' | 'text' | 'number' | 'money' | 'duration' | 'time' | 'map' | 'judged' | 'share';
export interface FieldDescription {
  type: FieldType;
  help: string;
  /** The only values of an enum. */
  values?: readonly string[];
}

export const logFilterFields = {
  status: { type: 'enum', help: 'How the call ended', values: ['ok', 'error', 'cancelled', 'incomplete'] },
  kind: { type: 'enum', help: 'What ran', values: ['prompt', 'tool', 'flow', 'agent'] },
  origin: { type: 'enum', help: 'Where the log came from', values: origins },
  file: { type: 'name', help: 'Path or id of the file' },
  version: { type: 'name', help: 'Id or name of the version' },
  environment: { type: 'name', help: 'Name of the environment' },
  model: { type: 'name', help: 'Model that was called' },
  provider: { type: 'name', help: 'Provider that was called' },
  user: { type: 'name', help: 'End user' },
  session: { type: 'name', help: 'Session' },
  unit: { type: 'name', help: 'Unit of randomisation' },
  id: { type: 'name', help: 'Id of the log' },
  trace: { type: 'name', help: 'Id of the trace' },
  parent: { type: 'name', help: 'Id of the parent log' },
  run: { type: 'name', help: 'Evaluation run' },
  datapoint: { type: 'name', help: 'Datapoint that was run' },
  key: { type: 'name', help: 'API key that called' },
  reference: { type: 'name', help: "The caller's own id" },
  source: { type: 'name', help: 'Source that the caller named' },
  finish: { type: 'name', help: 'Why the model stopped' },
  counterfactual: { type: 'name', help: 'Log that this one reruns' },
  experiment: { type: 'name', help: 'Experiment' },
  arm: { type: 'name', help: 'Arm of the experiment' },
  input: { type: 'text', help: 'Text of inputs and messages' },
  output: { type: 'text', help: 'Text of the output' },
  error: { type: 'text', help: 'Text of the error' },
  latency: { type: 'duration', help: 'Time to the end of the answer' },
  first_token: { type: 'duration', help: 'Time to the first token' },
  cost: { type: 'money', help: 'Cost in USD' },
  tokens: { type: 'number', help: 'Tokens in and out' },
  input_tokens: { type: 'number', help: 'Tokens in' },
  output_tokens: { type: 'number', help: 'Tokens out' },
  at: { type: 'time', help: 'When it started' },
  meta: { type: 'map', help: 'Metadata, as in `meta.plan:pro`' },
  judged: { type: 'judged', help: 'Judgment of the evaluator with this path, as in `judged:quality/vote=bad`' },
  feedback: { type: 'judged', help: 'What users and colleagues said, as in `feedback:vote=bad` or `feedback:action=accepted`' },
  edited: { type: 'share', help: 'How much of the answer a correction changed, as in `edited>30%`' },
  kept: { type: 'share', help: 'Share of the words that a correction kept, as in `kept<50%`' },
} as const satisfies Record<string, FieldDescription>;
export type LogFilterField = keyof typeof logFilterFields;

/** Whether a text names a field of the language. */
export function isLogFilterField(name: string): name is LogFilterField {
  return Object.hasOwn(logFilterFields, name);
}

import type { ChatMessage, EvaluatorSpec } from '@whetstone/contract';

/** Specifications of evaluators that say what a check elsewhere says. `attributes` keeps it as it was written there. */

type Attributes = Record<string, unknown>;

/** Python over `log` and `testcase`; the last function is the one that judges. */
export function pythonEvaluator(code: string, attributes: Attributes, returns: 'boolean' | 'number' = 'boolean'): EvaluatorSpec {
  return { evaluator_type: 'python', arguments_type: 'target_required', return_type: returns, code, attributes };
}

export function javascriptEvaluator(code: string, attributes: Attributes): EvaluatorSpec {
  return { evaluator_type: 'python', language: 'javascript', arguments_type: 'target_required', return_type: 'boolean', code, attributes };
}

interface Judge {
  model: string;
  messages: ChatMessage[];
  attributes: Attributes;
  temperature?: number | null;
  /** Yes or no, a number between two, or one of some labels, of which some are good. */
  returns: 'boolean' | { min: number; max: number } | { labels: readonly string[]; good: readonly string[] };
}

/** A model that judges: its prompt names the judged log as `log` and the case as `testcase`. */
export function llmEvaluator({ model, messages, attributes, temperature, returns }: Judge): EvaluatorSpec {
  const prompt = { model, endpoint: 'chat' as const, template: messages, ...(temperature == null ? {} : { temperature }) };
  const common = { evaluator_type: 'llm' as const, arguments_type: 'target_required' as const, prompt, attributes };
  if (returns === 'boolean') return { ...common, return_type: 'boolean' };
  if ('min' in returns) return { ...common, return_type: 'number', number_limits: returns };
  const { labels, good } = returns;
  const options = [...new Set(labels)].map((name) => ({
    name,
    valence: good.length === 0 ? ('neutral' as const) : good.includes(name) ? ('positive' as const) : ('negative' as const),
  }));
  return { ...common, return_type: 'select', options };
}

/** A Python literal of a text. */
export function pythonText(text: string): string {
  return JSON.stringify(text).replace(/[\u007F-\uFFFF]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

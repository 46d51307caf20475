import type { Behaviour } from './behaviour.ts';

/** What the fake model says, before it is put into a provider's shape. Deterministic. */
export interface FakeAnswer {
  text: string | null;
  toolCalls: { name: string; arguments: Record<string, unknown> }[];
  reasoning: string | null;
  promptTokens: number;
  cachedTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  stop: 'stop' | 'length' | 'tool';
}
export interface FakeQuestion {
  lastUser: string;
  images: number;
  tools: { name: string; parameters: unknown }[];
  /** Name of the tool that must be called, `any`, or null. */
  forced: string | null;
  schema: unknown;
  json: boolean;
  maxTokens: number | null;
  afterTool: boolean;
  thinks: boolean;
  index: number;
}

export function fakeAnswer(question: FakeQuestion, behaviour: Behaviour): FakeAnswer {
  const answer: FakeAnswer = {
    text: null,
    toolCalls: [],
    reasoning: question.thinks ? 'Let me think about it. ' : null,
    promptTokens: 9 + Math.ceil(question.lastUser.length / 4) + question.images * 85,
    cachedTokens: question.lastUser.includes('cached') ? 4 : 0,
    outputTokens: 0,
    reasoningTokens: question.thinks ? 16 : 0,
    stop: 'stop',
  };
  if (behaviour.toolCalls !== null) {
    answer.toolCalls = behaviour.toolCalls;
    answer.stop = 'tool';
    answer.outputTokens = 12 * answer.toolCalls.length;
    return answer;
  }
  const tool = question.tools.find(({ name }) => name === question.forced) ?? question.tools[0];
  if (tool !== undefined && !question.afterTool && (question.forced !== null || /weather|tool/i.test(question.lastUser))) {
    answer.toolCalls = [{ name: tool.name, arguments: exampleOf(tool.parameters) as Record<string, unknown> }];
    if (/twice/.test(question.lastUser))
      answer.toolCalls.push({ name: tool.name, arguments: exampleOf(tool.parameters) as Record<string, unknown> });
    answer.stop = 'tool';
    answer.outputTokens = 12 * answer.toolCalls.length;
    return answer;
  }
  answer.text = textOf(question, behaviour);
  answer.outputTokens = Math.ceil(answer.text.length / 4);
  if (question.maxTokens !== null && answer.outputTokens > question.maxTokens) {
    answer.text = answer.text.slice(0, question.maxTokens * 4);
    answer.outputTokens = question.maxTokens;
    answer.stop = 'length';
  }
  answer.outputTokens += answer.reasoningTokens;
  return answer;
}

function textOf(question: FakeQuestion, behaviour: Behaviour): string {
  if (behaviour.text !== null) return behaviour.text;
  if (question.schema !== null && question.schema !== undefined) return JSON.stringify(exampleOf(question.schema));
  if (question.json) return '{"ok":true}';
  if (behaviour.words > 0) return Array.from({ length: behaviour.words }, (_, i) => `word${i}`).join(' ');
  const seen = question.images > 0 ? ` I see ${question.images} image${question.images === 1 ? '' : 's'}.` : '';
  const sample = question.index > 0 ? ` (${question.index})` : '';
  return `You said: ${question.lastUser}${sample}${seen}`;
}

/** The smallest value of a JSON schema. */
export function exampleOf(schema: unknown): unknown {
  const given = (schema ?? {}) as {
    type?: unknown;
    properties?: Record<string, unknown>;
    items?: unknown;
    enum?: unknown[];
    const?: unknown;
  };
  if (given.const !== undefined) return given.const;
  if (Array.isArray(given.enum)) return given.enum[0];
  const type = Array.isArray(given.type) ? given.type[0] : given.type;
  if (type === 'array') return [exampleOf(given.items)];
  if (type === 'integer') return 1;
  if (type === 'number') return 0.5;
  if (type === 'boolean') return true;
  if (type === 'string') return 'Paris';
  return Object.fromEntries(Object.entries(given.properties ?? {}).map(([name, value]) => [name, exampleOf(value)]));
}

/** Words with the space before them, as models send them. */
export function pieces(text: string): string[] {
  return text.match(/\s*\S+|\s+$/gu) ?? [];
}

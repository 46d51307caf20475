import { Bot, MessageSquareText, Scale, Table2, type LucideIcon, Workflow, Wrench } from 'lucide-react';

/** The six kinds of file: what they are called, how they look and which endpoints speak of them. */
export const kinds = {
  prompt: { one: 'Prompt', many: 'Prompts', icon: MessageSquareText },
  tool: { one: 'Tool', many: 'Tools', icon: Wrench },
  evaluator: { one: 'Evaluator', many: 'Evaluators', icon: Scale },
  flow: { one: 'Flow', many: 'Flows', icon: Workflow },
  agent: { one: 'Agent', many: 'Agents', icon: Bot },
  dataset: { one: 'Dataset', many: 'Datasets', icon: Table2 },
} as const satisfies Record<string, { one: string; many: string; icon: LucideIcon }>;
export type Kind = keyof typeof kinds;

export function kindOf(type: string): Kind {
  return type in kinds ? (type as Kind) : 'prompt';
}

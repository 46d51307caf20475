import type { AnyObject } from '@whetstone/contract';
import { z } from 'zod';
import type { Help } from '../evaluator.ts';
import { parseJson } from '../json.ts';
import { fenceTexts } from './fence.ts';

/** A question to a judge as data: what it has to do, and the form of its answer. In every answer the reasoning comes first. */
export interface JudgePrompt<T> {
  name: string;
  task: string;
  answer: z.ZodType<T>;
}

/** One call of the caller's model. Throws when the answer has another form than asked for. */
export async function askJudge<T>(
  { ask, signal }: Help,
  prompt: JudgePrompt<T>,
  parts: readonly { label: string; text: string }[],
): Promise<T> {
  if (ask === undefined) throw new Error('No model is at hand that could judge.');
  const { rule, body } = fenceTexts(parts);
  const answer = await ask(
    {
      messages: [
        { role: 'system', content: `${prompt.task}\n\n${rule}\n\nAnswer with JSON in the form that is asked for, and nothing else.` },
        { role: 'user', content: body },
      ],
      response_format: { type: 'json_schema', json_schema: { name: prompt.name, strict: true, schema: formOf(prompt.answer) } },
    },
    signal,
  );
  const read = parseJson(answer, { fences: true });
  const parsed = read.ok ? prompt.answer.safeParse(read.value) : null;
  if (parsed?.success !== true) {
    const issue = parsed?.error.issues[0];
    const where = issue === undefined ? '' : ` At \`${issue.path.join('.')}\`: ${issue.message}.`;
    throw new Error(`The judge answered outside the form.${where}`);
  }
  return parsed.data;
}

/** Providers want the bare schema. */
function formOf(schema: z.ZodType): AnyObject {
  const { $schema: _, ...form } = z.toJSONSchema(schema, { target: 'draft-2020-12' });
  return form;
}

/** Each between fences of its own, so that none can pass for another: `passage 1`, `passage 2` … */
export const numbered = (label: string, texts: readonly string[]): { label: string; text: string }[] =>
  texts.map((text, i) => ({ label: `${label} ${i + 1}`, text }));

/** The verdict on each of `count` things, by its number from 1. Throws when one has none, or two. */
export function verdictsByNumber<V extends { number: number }>(verdicts: readonly V[], count: number): V[] {
  const byNumber = new Map(verdicts.map((verdict) => [verdict.number, verdict]));
  if (byNumber.size !== verdicts.length) throw new Error('The judge gave two verdicts on one thing.');
  return Array.from({ length: count }, (_, i) => {
    const verdict = byNumber.get(i + 1);
    if (verdict === undefined) throw new Error(`The judge gave no verdict on number ${i + 1} of ${count}.`);
    return verdict;
  });
}

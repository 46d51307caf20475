import type { EvaluatorSpec, LibraryEvaluator } from '@whetstone/contract';

/** What a new evaluator starts from, for each way of judging. */
export type Start = 'library' | 'python' | 'javascript' | 'model' | 'people' | 'outside';

export const starts: { value: Start; label: string; teaches: string }[] = [
  {
    value: 'library',
    label: 'One from the library',
    teaches: 'Ready to use: exact match, JSON schema, faithfulness, cost and twenty more.',
  },
  { value: 'python', label: 'Code in Python', teaches: 'A function that reads the log and says yes, a number, or one of your options.' },
  { value: 'javascript', label: 'Code in JavaScript', teaches: 'The same in JavaScript or TypeScript; the quickest to run.' },
  { value: 'model', label: 'A model', teaches: 'A prompt over the log. It gives its reasons first, then its judgment.' },
  { value: 'people', label: 'People', teaches: 'A question with options that colleagues and users answer.' },
  { value: 'outside', label: 'A process of yours', teaches: 'It judges where it runs, and sends its judgments.' },
];

const boolean = { arguments_type: 'target_free', return_type: 'boolean' } as const;

const pythonStart = `def evaluate(log, testcase=None):
    """Say what good means, in one sentence."""
    output = log["output"] or ""
    if output.strip() == "":
        return {"value": False, "reason": "There is no answer."}
    return {"value": True, "reason": f"It answers, in {len(output.split())} words."}
`;

const javascriptStart = `/** Say what good means, in one sentence. */
function evaluate(log, testcase) {
  const output = log.output ?? '';
  if (output.trim() === '') return { value: false, reason: 'There is no answer.' };
  return { value: true, reason: \`It answers, in \${output.split(/\\s+/).length} words.\` };
}
`;

const judgeStart = `Does the answer do what was asked of it? It is good when it answers the question itself, and bad when it evades it, answers another one, or makes things up.

What was asked:
{{log.messages}}

What was answered:
{{log.output}}`;

export function startOf(start: Exclude<Start, 'library'>, model: string): EvaluatorSpec {
  switch (start) {
    case 'python':
      return { evaluator_type: 'python', ...boolean, code: pythonStart };
    case 'javascript':
      return { evaluator_type: 'python', language: 'javascript', ...boolean, code: javascriptStart };
    case 'model': {
      const prompt = { model, template: [{ role: 'user' as const, content: judgeStart }], temperature: 0 };
      return { evaluator_type: 'llm', ...boolean, prompt };
    }
    case 'people':
      return {
        evaluator_type: 'human',
        arguments_type: 'target_free',
        return_type: 'select',
        options: [
          { name: 'good', valence: 'positive' },
          { name: 'bad', valence: 'negative' },
        ],
        instructions: 'Good: it answers the question that was asked. Bad: it does not, or it says something that is wrong.',
      };
    case 'outside':
      return { evaluator_type: 'external', ...boolean };
  }
}

/** Options that are required have to be given before it can judge: the editor asks for them. */
export function startOfLibrary({ name, form, asks_model: asks }: LibraryEvaluator, model: string): EvaluatorSpec {
  return { evaluator_type: 'external', ...form, library: { name, ...(asks ? { model } : {}) } };
}

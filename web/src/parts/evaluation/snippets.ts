/** Programs that make an evaluation which the server runs. */

export type SnippetLanguage = 'curl' | 'typescript' | 'python';
export const evaluationSnippets = [
  { value: 'curl', label: 'curl' },
  { value: 'typescript', label: 'TypeScript' },
  { value: 'python', label: 'Python' },
] as const satisfies { value: SnippetLanguage; label: string }[];

export interface EvaluationFacts {
  url: string;
  path: string;
  versionId: string;
  dataset: string;
  evaluator: string;
}

export function evaluationSnippet(language: SnippetLanguage, facts: EvaluationFacts): string {
  return makers[language](facts);
}

const makers: Record<SnippetLanguage, (facts: EvaluationFacts) => string> = {
  curl: ({ url, path, versionId, dataset, evaluator }) => `curl ${url}/v5/evaluations \\
  -H "X-API-KEY: YOUR_KEY" -H "Content-Type: application/json" \\
  -d '{ "name": "first", "file": { "path": "${path}" }, "evaluators": [{ "path": "${evaluator}" }] }'

# With the id that it answers:
curl ${url}/v5/evaluations/EVALUATION_ID/runs \\
  -H "X-API-KEY: YOUR_KEY" -H "Content-Type: application/json" \\
  -d '{ "dataset": { "path": "${dataset}" }, "version": { "version_id": "${versionId}" }, "orchestrated": true }'`,
  typescript: ({ url, path, versionId, dataset, evaluator }) => `import { HumanloopClient } from 'humanloop';

const client = new HumanloopClient({ baseUrl: '${url}/v5', apiKey: 'YOUR_KEY' });
const evaluation = await client.evaluations.create({
  name: 'first',
  file: { path: '${path}' },
  evaluators: [{ path: '${evaluator}' }],
});
await client.evaluations.createRun(evaluation.id, {
  dataset: { path: '${dataset}' },
  version: { versionId: '${versionId}' },
  orchestrated: true,
});`,
  python: ({ url, path, versionId, dataset, evaluator }) => `from humanloop import Humanloop

client = Humanloop(base_url="${url}/v5", api_key="YOUR_KEY")
evaluation = client.evaluations.create(
    name="first",
    file={"path": "${path}"},
    evaluators=[{"path": "${evaluator}"}],
)
client.evaluations.create_run(
    evaluation.id,
    dataset={"path": "${dataset}"},
    version={"version_id": "${versionId}"},
    orchestrated=True,
)`,
};

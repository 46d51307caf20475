import type { EvaluatorLogResponse, LogResponse } from '@whetstone/contract';

/** The file, as of the version, that made a log. */
export interface LogFile {
  id: string;
  type: string;
  path: string;
  name: string;
  versionId: string;
  versionName: string | null;
  hash: string;
  draft: boolean;
}

export function fileOf(log: LogResponse): LogFile {
  const file =
    'prompt' in log ? log.prompt : 'tool' in log ? log.tool : 'flow' in log ? log.flow : 'agent' in log ? log.agent : log.evaluator;
  return {
    id: file.id,
    type: file.type,
    path: file.path,
    name: file.name,
    versionId: file.version_id,
    versionName: file.version_name,
    hash: file.content_hash,
    draft: file.status === 'uncommitted',
  };
}

/** What went in and came out in one line each. */
export function previewsOf(log: LogResponse): { input: string; output: string } {
  const flat = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
  return { input: flat(log.input_preview), output: flat(log.error && !log.output_preview ? log.error : log.output_preview) };
}

export function tokensOf(log: LogResponse): { input: number | null; output: number | null; reasoning: number | null } {
  return 'prompt_tokens' in log
    ? { input: log.prompt_tokens, output: log.output_tokens, reasoning: log.reasoning_tokens }
    : { input: null, output: null, reasoning: null };
}

/** The judgments of a log. Judgments themselves are not judged. */
export function judgmentsOf(log: LogResponse): EvaluatorLogResponse[] {
  return 'evaluator' in log ? [] : log.evaluator_logs;
}

/** What users and colleagues said. */
export function byPeople(log: LogResponse): EvaluatorLogResponse[] {
  return judgmentsOf(log).filter(({ evaluator }) => evaluator.spec.evaluator_type === 'human');
}

/** What evaluators that run found. */
export function byEvaluators(log: LogResponse): EvaluatorLogResponse[] {
  return judgmentsOf(log).filter(({ evaluator }) => evaluator.spec.evaluator_type !== 'human');
}

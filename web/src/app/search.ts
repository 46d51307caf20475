/** Search params of the pages: what a colleague should see by the link. Unknown and malformed ones are dropped. */

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
}
function whole(value: unknown): number | undefined {
  const number = Number(text(value));
  return Number.isSafeInteger(number) ? number : undefined;
}
/** Only the keys that are set, so that the address stays short. */
function defined<T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: T[K] } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: T[K] };
}

/** `error` and its description are what an identity provider's refusal comes back with. */
export const nextSearch = (raw: Record<string, unknown>) =>
  defined({ next: text(raw.next), error: text(raw.error), error_description: text(raw.error_description) });
export const homeSearch = (raw: Record<string, unknown>) => defined({ days: whole(raw.days), by: text(raw.by) });
export const editorSearch = (raw: Record<string, unknown>) => defined({ version: text(raw.version), beside: text(raw.beside) });
export const monitoringSearch = (raw: Record<string, unknown>) =>
  defined({ days: whole(raw.days), environment: text(raw.environment), alert: text(raw.alert) });
export const versionsSearch = (raw: Record<string, unknown>) => defined({ from: text(raw.from), to: text(raw.to) });
export const logsSearch = (raw: Record<string, unknown>) =>
  defined({ q: text(raw.q), range: text(raw.range), from: text(raw.from), to: text(raw.to), peek: text(raw.peek), sort: text(raw.sort) });
export const logSearch = (raw: Record<string, unknown>) => defined({ view: text(raw.view) });
export const filesSearch = (raw: Record<string, unknown>) => defined({ kind: text(raw.kind) });
export const evaluationsSearch = (raw: Record<string, unknown>) => defined({ q: text(raw.q), file: text(raw.file) });
export const newEvaluationSearch = (raw: Record<string, unknown>) =>
  defined({ file: text(raw.file), version: text(raw.version), dataset: text(raw.dataset), evaluator: text(raw.evaluator) });
export const evaluationSearch = (raw: Record<string, unknown>) =>
  defined({
    baseline: text(raw.baseline),
    evaluator: text(raw.evaluator),
    run: text(raw.run),
    filter: text(raw.filter),
    q: text(raw.q),
    slice: text(raw.slice),
    by: text(raw.by),
    sort: text(raw.sort),
    case: text(raw.case),
  });
export const feedbackSearch = (raw: Record<string, unknown>) => defined({ days: whole(raw.days), environment: text(raw.environment) });
export const experimentsSearch = (raw: Record<string, unknown>) => defined({ state: text(raw.state) });
export const newExperimentSearch = (raw: Record<string, unknown>) =>
  defined({ file: text(raw.file), version: text(raw.version), environment: text(raw.environment), draft: text(raw.draft) });
export const newReviewSearch = (raw: Record<string, unknown>) =>
  defined({ q: text(raw.q), range: text(raw.range), logs: text(raw.logs), evaluation: text(raw.evaluation), run: text(raw.run) });
export const judgesSearch = (raw: Record<string, unknown>) =>
  defined({
    judge: text(raw.judge),
    human: text(raw.human),
    file: text(raw.file),
    environment: text(raw.environment),
    run: text(raw.run),
    range: text(raw.range),
  });

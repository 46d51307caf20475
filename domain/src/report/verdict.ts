import type { EvaluationReport, ReportEvaluator, ReportRun } from '@whetstone/contract';
import { intervalWords, listWords } from './words.ts';

/** What the primary evaluator says of the whole page, in one sentence. */
export function verdictOfAll(runs: readonly ReportRun[], primary: ReportEvaluator | null, cases: number): EvaluationReport['verdict'] {
  const none = (sentence: string) => ({ word: 'nothing' as const, sentence });
  if (runs.length === 0) return none('No version was run yet.');
  if (cases === 0) return none('There are no cases yet: nothing was logged into the runs, and their dataset is empty.');
  if (primary === null) return none('No evaluator gives a score yet, so there is nothing to compare by.');
  const baseline = runs.find((run) => run.baseline) ?? runs[0]!;
  if (primary.scores.every(({ judged }) => judged === 0)) {
    const tried = primary.scores.find(({ failed, wrong_type, abstained }) => failed + wrong_type + abstained > 0);
    return none(
      tried ? `${primary.path} gave no judgment that counts. ${tried.reason_text ?? ''}`.trim() : `${primary.path} has judged nothing yet.`,
    );
  }
  if (runs.length === 1) {
    const score = primary.scores[0]!;
    return none(`${baseline.label} has ${intervalWords(primary.unit, score)} by ${primary.path}. Add a run of another version to compare.`);
  }
  const { comparisons } = primary;
  if (comparisons.length === 1) {
    const [only] = comparisons;
    return { word: only!.verdict, sentence: `By ${primary.path}: ${lowerFirst(only!.sentence, runs)}` };
  }
  const words = new Set(comparisons.map(({ verdict }) => verdict));
  const word = words.size === 1 ? comparisons[0]!.verdict : 'mixed';
  return { word, sentence: `By ${primary.path}, against ${baseline.label}: ${severalWords(primary, runs)}.` };
}

function severalWords({ comparisons }: ReportEvaluator, runs: readonly ReportRun[]): string {
  const labels = (verdict: string) =>
    listWords(
      comparisons
        .filter((each) => each.verdict === verdict)
        .map(({ run_id }) => runs.find((run) => run.run_id === run_id)?.label ?? run_id),
    );
  const be = (names: string) => (names.includes(' and ') ? 'are' : 'is');
  const parts = [
    ['better', (names: string) => `${names} ${be(names)} better`],
    ['worse', (names: string) => `${names} ${be(names)} worse`],
    ['no_difference', (names: string) => `${names} ${be(names)} no different by the margin`],
    ['cannot_tell', (names: string) => `of ${names} one cannot tell`],
  ] as const;
  return parts
    .flatMap(([verdict, say]) => {
      const names = labels(verdict);
      return names === '' ? [] : [say(names)];
    })
    .join('; ');
}

/** After a colon, unless the sentence begins with the name of a run. */
function lowerFirst(sentence: string, runs: readonly ReportRun[]): string {
  if (runs.some(({ label }) => sentence.startsWith(label))) return sentence;
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

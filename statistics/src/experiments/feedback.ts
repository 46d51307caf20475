import { newcombeDifference } from '../proportions/difference.ts';
import { type Estimate } from '../result.ts';

/** Users of an arm, those of them who answered, and those who answered "good". */
export interface Answers {
  good: number;
  answered: number;
  users: number;
}

export interface FeedbackRates {
  /** Difference in who answers, B minus A, by Newcombe. */
  answerRate: Estimate;
  /** The interval leaves 0: who answers differs, so shares among those who answered compare different people. */
  answersDiffer: boolean;
  /** Good answers per assigned user, none counting 0: compares what was assigned and assumes nothing. */
  perUser: Estimate;
  /** Good among those who answered: true only when answering is unaffected by the arm. */
  amongAnswered: Estimate;
  /** Between these the difference lies whatever those who kept silent think. */
  worstCaseLower: number | null;
  worstCaseUpper: number | null;
}

/**
 * Feedback that comes only from some: what may be compared and what not. Bounds by C. F. Manski, "Nonparametric bounds on treatment
 * effects", American Economic Review 80 (1990) 319-323. Never compare cohorts of different age.
 */
export function feedbackRates(a: Answers, b: Answers, level = 0.95): FeedbackRates {
  const answerRate = newcombeDifference(b.answered, b.users, a.answered, a.users, level);
  const silentA = a.users - a.answered;
  const silentB = b.users - b.answered;
  const known = a.users > 0 && b.users > 0;
  return {
    answerRate,
    answersDiffer: answerRate.lower !== null && (answerRate.lower > 0 || answerRate.upper! < 0),
    perUser: newcombeDifference(b.good, b.users, a.good, a.users, level),
    amongAnswered: newcombeDifference(b.good, b.answered, a.good, a.answered, level),
    worstCaseLower: known ? b.good / b.users - (a.good + silentA) / a.users : null,
    worstCaseUpper: known ? (b.good + silentB) / b.users - a.good / a.users : null,
  };
}

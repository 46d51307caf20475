export type {
  ReportAsked,
  ReportInput,
  ReportJudge,
  ReportJudgment,
  ReportLog,
  ReportPairJudgment,
  ReportRunInput,
  ReportSaved,
} from './input.ts';
export { buildReport, reportOf } from './report.ts';
export { buildPairs, judgeOf } from './pairs.ts';
export { type Prepared, prepareReport } from './prepare.ts';
export { changeOf, differenceOf } from './compare.ts';
export { meanOf, presentEstimate } from './estimate.ts';
export { isScored, outcomeOf, scaleOf, type Scale } from './scale.ts';
export { buildSlices, lookedAt, type SliceQuery } from './slices.ts';
export { type AnswerFacts, type CaseFacts, type Facts, type Trait, traitsOf } from './traits.ts';
export { differenceWords, intervalWords, pairWords, positionWords, scoreWords } from './words.ts';
export { reportMarkdown } from './markdown.ts';
export { junitCase, junitHead, junitTail } from './junit.ts';

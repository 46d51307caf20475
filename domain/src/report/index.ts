export type { ReportAsked, ReportInput, ReportJudge, ReportJudgment, ReportLog, ReportRunInput, ReportSaved } from './input.ts';
export { buildReport, reportOf } from './report.ts';
export { buildPairs, judgeOf } from './pairs.ts';
export { type Prepared, prepareReport } from './prepare.ts';
export { changeOf, differenceOf } from './compare.ts';
export { meanOf } from './estimate.ts';
export { isScored, outcomeOf, scaleOf, type Scale } from './scale.ts';
export { differenceWords, intervalWords, scoreWords } from './words.ts';

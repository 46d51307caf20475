export { findEvaluator, judge, readyEvaluator, specFields } from './ready.ts';
export type { ReadyEvaluator } from './ready.ts';
export { fenceTexts } from './graded/fence.ts';
export { parseJson } from './json.ts';
export { library } from './table.ts';
export { groups, needWords } from './evaluator.ts';
export type { Ask, Embed, Evaluator, Help, JudgedLog, Need, Outcome, Returns, Subject } from './evaluator.ts';
export { addBleu, countBleu, scoreBleu } from './text/bleu.ts';

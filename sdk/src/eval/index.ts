export { code, evaluate, evaluator, judge, library, score } from './definition.ts';
export type {
  CaseGiven,
  EvaluationGiven,
  JudgmentValue,
  Rule,
  Scored,
  ScoreFunction,
  ScoreGiven,
  ScoreSettings,
  TaskContext,
  TaskFunction,
  TaskGiven,
} from './definition.ts';

export type { Api, Input, OperationName, Output } from './client/api.ts';
export { WhetstoneError } from './client/errors.ts';
export type { EventStream } from './client/events.ts';
export type { ChatMessage, PromptKernel, PromptResponse } from './client/operations.ts';
export type { PromptOptions } from './prompts/cache.ts';
export {
  JudgeEnded,
  type JudgeFunction,
  type JudgeLogsOptions,
  judgeLogs,
  type JudgedLogs,
  type JudgedSubject,
  type OutsideJudgment,
} from './judge-logs.ts';
export { Prompt } from './prompts/rendered.ts';
export type { ObserveOptions } from './telemetry/observe.ts';
export { type Feedback, Whetstone, type WhetstoneOptions } from './whetstone.ts';
export type { WrapOptions } from './wrap/record-call.ts';

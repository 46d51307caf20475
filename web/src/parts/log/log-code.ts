import type { PromptLogResponse } from '@whetstone/contract';
import { asCode, type CodeLanguage, logToRequest } from '@whetstone/domain';

/** The call of a log as a program that makes it again. The key is left to the environment. */
export function logCode(log: PromptLogResponse, language: CodeLanguage): string {
  return asCode(logToRequest(log), { baseUrl: window.location.origin, language });
}

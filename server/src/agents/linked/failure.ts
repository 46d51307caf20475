import { AppError } from '@whetstone/contract';
import type { Outcome } from './kind.ts';

/** A failure as the model is told it. That the caller went away is nobody's to tell: it ends the turn. */
export function outcomeOfError(error: unknown): Outcome {
  if (!(error instanceof AppError) || error.code === 'cancelled') throw error;
  const logId = error.data?.['log_id'];
  return { content: `Error: ${error.message}`, logId: typeof logId === 'string' ? logId : null, usage: null };
}

import type { Exporting } from './files.ts';
import { addLines } from './lines.ts';

/** `whetstone/waiting-feedback/`: what was said of logs that have not come yet. */
export async function addWaitingFeedback({ pack, deps, scope }: Exporting): Promise<void> {
  const waiting = await deps.feedback.carry.waiting(scope);
  async function* rows(): AsyncGenerator<object> {
    for (const { received_at, ...row } of waiting) yield { ...row, received_at: received_at.toISOString() };
  }
  await addLines(pack, 'whetstone/waiting-feedback', rows());
}

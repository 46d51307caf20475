import { createHash } from 'node:crypto';

/** What a unit is called in its outcome: nobody is named there. */
export function unitKeyOf(experimentId: string, unit: string): string {
  return createHash('sha256').update(`${experimentId}\n${unit}`).digest('hex');
}

/** The same in the store. */
export const unitKey = `lower(hex(SHA256(concat(experiment_id, '\\n', unit))))`;

import type { Answer } from '../../api/client.ts';
import { call } from '../../api/client.ts';
import { ApiError } from '../../api/errors.ts';

/** Why it does not start: gate by gate, where gates refuse an arm. */
export interface StartRefusal {
  message: string;
  checks: Answer<'gates.check'>['checks'];
}

/** Starts it. Resolves with why it was refused, where the way it is stands against it, or with null when it runs. */
export async function startExperiment(id: string, overrideGates: string | undefined): Promise<StartRefusal | null> {
  try {
    await call('experiments.start', { params: { id }, body: { override_gates: overrideGates } });
    return null;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    return { message: error.message, checks: (error.data['gates'] ?? []) as StartRefusal['checks'] };
  }
}

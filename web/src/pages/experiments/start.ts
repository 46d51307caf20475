import { call } from '../../api/client.ts';
import { ApiError } from '../../api/errors.ts';

/** Starts it. Resolves with why gates refuse an arm, or with null when it runs. */
export async function startExperiment(id: string, overrideGates: string | undefined): Promise<string | null> {
  try {
    await call('experiments.start', { params: { id }, body: { override_gates: overrideGates } });
    return null;
  } catch (error) {
    if (error instanceof ApiError && error.status === 409 && 'gates' in error.data) return error.message;
    throw error;
  }
}

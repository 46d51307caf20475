import { messageOf } from './errors.ts';

export interface StoreHealth {
  ok: boolean;
  /** Milliseconds until the store answered. */
  ms: number;
  error: string | null;
}

/** Runs the probe, which must answer within `timeoutMs`. */
export async function probe(run: () => Promise<unknown>, timeoutMs: number): Promise<StoreHealth> {
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([run(), late]);
    return { ok: true, ms: performance.now() - started, error: null };
  } catch (error) {
    return { ok: false, ms: performance.now() - started, error: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

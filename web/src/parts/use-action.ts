import type { EndpointName } from '@whetstone/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { messageOf } from '../api/errors.ts';
import { queryKey } from '../api/query.ts';
import { toast, toastError } from '../kit/toast.tsx';

/**
 * Runs something that changes data: shows that it is busy, says when it failed and why, and refreshes what it changed.
 * The returned function resolves to true when it worked.
 */
export function useAction(
  failure: string,
  refreshes: readonly EndpointName[] = [],
): { busy: boolean; run: (work: () => Promise<unknown>, done?: string) => Promise<boolean> } {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const run = async (work: () => Promise<unknown>, done?: string) => {
    setBusy(true);
    try {
      await work();
      await Promise.all(refreshes.map((name) => client.invalidateQueries({ queryKey: queryKey(name) })));
      if (done !== undefined) toast(done);
      return true;
    } catch (error) {
      toastError(failure, messageOf(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, run };
}

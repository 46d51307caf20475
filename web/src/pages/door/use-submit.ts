import { type FormEvent, useState } from 'react';
import { messageOf } from '../../api/errors.ts';

/** A form that is sent once at a time and says why it failed, in place. */
export function useSubmit(work: () => Promise<void>): { busy: boolean; error: string | null; onSubmit: (event: FormEvent) => void } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (failure) {
      setError(messageOf(failure));
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    error,
    onSubmit: (event) => {
      event.preventDefault();
      void submit();
    },
  };
}

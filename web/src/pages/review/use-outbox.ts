import { useCallback, useEffect, useRef, useState } from 'react';
import { call } from '../../api/client.ts';
import { ApiError, messageOf } from '../../api/errors.ts';
import { readStored, writeStored } from '../../kit/stored.ts';
import { queued, type Sent, waitAfter } from './outbox.ts';

export interface Outbox {
  waiting: number;
  /** Why the last attempt failed, while it is tried again. */
  trouble: string | null;
  /** Refused for good: the item and why. */
  refused: { itemId: string; why: string } | null;
  forget: () => void;
  send: (next: Sent) => void;
}

/** Sends one after the other and tries again until the server took it; what waits outlives the page. */
export function useOutbox(queueId: string, onSent: () => void): Outbox {
  const key = `whetstone.review.${queueId}`;
  const waiting = useRef<Sent[]>([]);
  const sending = useRef(false);
  const [count, setCount] = useState(0);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [refused, setRefused] = useState<Outbox['refused']>(null);
  const sent = useRef(onSent);
  sent.current = onSent;

  const keep = useCallback(() => {
    writeStored(key, waiting.current.length === 0 ? null : waiting.current);
    setCount(waiting.current.length);
  }, [key]);

  const drain = useCallback(async () => {
    if (sending.current || waiting.current.length === 0) return;
    sending.current = true;
    for (let failures = 0; waiting.current[0] !== undefined;) {
      const next = waiting.current[0];
      try {
        await deliver(queueId, next);
        failures = 0;
        setTrouble(null);
      } catch (error) {
        if (!isFinal(error)) {
          setTrouble(messageOf(error));
          await new Promise((resolve) => window.setTimeout(resolve, waitAfter(failures)));
          failures += 1;
          continue;
        }
        setRefused({ itemId: next.itemId, why: messageOf(error) });
      }
      waiting.current = waiting.current.slice(1);
      keep();
    }
    sending.current = false;
    sent.current();
  }, [queueId, keep]);

  useEffect(() => {
    waiting.current = readStored<Sent[]>(key) ?? [];
    keep();
    void drain();
  }, [key, keep, drain]);

  useEffect(() => {
    if (count === 0) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [count]);

  const send = useCallback(
    (next: Sent) => {
      waiting.current = queued(waiting.current, next, sending.current);
      keep();
      void drain();
    },
    [keep, drain],
  );
  return { waiting: count, trouble, refused, forget: () => setRefused(null), send };
}

function deliver(id: string, next: Sent): Promise<unknown> {
  const params = { id, item_id: next.itemId };
  if (next.kind === 'answer') return call('reviews.answer', { params, body: next.body });
  return next.kind === 'skip' ? call('reviews.skip', { params }) : call('reviews.undo', { params });
}

/** To try again would be refused again. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && ![401, 408, 425, 429].includes(error.status);
}

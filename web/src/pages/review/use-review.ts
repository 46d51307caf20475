import type { ReviewItem, ReviewQueue } from '@whetstone/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { call } from '../../api/client.ts';
import { messageOf } from '../../api/errors.ts';
import { queryKey } from '../../api/query.ts';
import { bodyOf, type Draft, draftOf } from './draft.ts';
import { useOutbox, type Outbox } from './use-outbox.ts';

/** How many items are there before they are needed. */
const ahead = 2;
/** A pause is not reading. */
const longestSeconds = 900;

export interface Review {
  queue: ReviewQueue | null;
  item: ReviewItem | null;
  draft: Draft;
  /** What was done with the item that is shown. */
  state: 'open' | 'answered' | 'skipped';
  position: number;
  loading: boolean;
  error: string | null;
  finished: boolean;
  /** Answered by the caller, those that are under way included. */
  done: number;
  left: number;
  outbox: Outbox;
  change: (patch: Partial<Draft>) => void;
  /** Sends what was chosen and goes on; false when nothing was chosen. */
  submit: (patch?: Partial<Draft>) => boolean;
  skip: () => void;
  undo: () => boolean;
  /** Items that were taken and passed by. */
  open: number;
  toFirstOpen: () => boolean;
  move: (by: 1 | -1) => void;
  reload: () => void;
}

type Entry = { item: ReviewItem; draft: Draft; state: Review['state'] };

/** A walk through a queue: items taken ahead, answers sent behind. */
export function useReview(queueId: string): Review {
  const client = useQueryClient();
  const [queue, setQueue] = useState<ReviewQueue | null>(null);
  /** What was done since the queue was counted. */
  const [since, setSince] = useState({ done: 0, left: 0 });
  const pending = useRef(0);
  const [entries, setEntries] = useState<Entry[]>([]);
  const [at, setAt] = useState(0);
  const [loading, setLoading] = useState(false);
  const [empty, setEmpty] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const claiming = useRef(false);
  const shownAt = useRef(performance.now());
  const known = useRef<Entry[]>([]);
  known.current = entries;

  const counted = useCallback((next: ReviewQueue) => {
    setQueue((before) => (before === null || pending.current === 0 ? next : before));
    if (pending.current === 0) setSince({ done: 0, left: 0 });
  }, []);

  const claim = useCallback(async () => {
    if (claiming.current) return;
    claiming.current = true;
    setLoading(true);
    try {
      const held = known.current.filter(({ state }) => state === 'open').map(({ item }) => item.id);
      const touched = known.current.filter(({ state }) => state !== 'open').map(({ item }) => item.id);
      const answer = await call('reviews.claim', {
        params: { id: queueId },
        body: { count: ahead + 1, held: [...held, ...touched].slice(-20) },
      });
      counted(answer.queue);
      setError(null);
      const fresh = answer.items.filter(({ id }) => !known.current.some(({ item }) => item.id === id));
      setEmpty(fresh.length === 0);
      setEntries((before) => [...before, ...fresh.map((item): Entry => ({ item, draft: draftOf(item), state: 'open' }))]);
    } catch (failure) {
      setError(messageOf(failure));
    } finally {
      claiming.current = false;
      setLoading(false);
    }
  }, [queueId, counted]);

  const outbox = useOutbox(queueId, () => {
    void call('reviews.get', { params: { id: queueId } })
      .then(counted)
      .catch(() => undefined);
    for (const name of ['reviews.list', 'reviews.agreement', 'reviews.disagreements', 'reviews.get', 'reviews.estimate'] as const)
      void client.invalidateQueries({ queryKey: queryKey(name) });
  });

  const entry = entries[at] ?? null;
  const short = entries.length - at <= ahead;
  useEffect(() => {
    if (short && !empty && !loading && error === null) void claim();
  }, [short, empty, loading, error, claim]);
  const shown = entry?.item.id;
  useEffect(() => {
    shownAt.current = performance.now();
    document.getElementById('page')?.scrollTo({ top: 0 });
  }, [shown]);

  const set = (index: number, patch: Partial<Entry>) =>
    setEntries((before) => before.map((one, place) => (place === index ? { ...one, ...patch } : one)));
  const next = (from: number) => {
    setAt(from + 1);
    // Others may have left something meanwhile.
    if (from + 1 >= entries.length) setEmpty(false);
  };
  pending.current = outbox.waiting;
  const count = (done: number, left: number) => setSince((before) => ({ done: before.done + done, left: before.left + left }));

  return {
    queue,
    item: entry?.item ?? null,
    draft: entry?.draft ?? noDraft,
    state: entry?.state ?? 'open',
    position: at,
    loading,
    error,
    finished: entry === null && empty && !loading,
    done: Math.max(0, (queue?.mine.done ?? 0) + since.done),
    left: Math.max(0, (queue?.mine.left ?? 0) + since.left),
    outbox,
    change: (patch) => entry !== null && set(at, { draft: { ...entry.draft, ...patch } }),
    submit(patch = {}) {
      if (entry === null || queue === null) return false;
      const draft = { ...entry.draft, ...patch };
      const seconds = Math.min(longestSeconds, Math.round((performance.now() - shownAt.current) / 100) / 10);
      const body = bodyOf(queue, draft, entry.item.subjects[0]?.output ?? null, seconds);
      if (body === null) return false;
      if (entry.state === 'open') count(1, -1);
      set(at, { draft, state: 'answered' });
      outbox.send({ kind: 'answer', itemId: entry.item.id, body });
      next(at);
      return true;
    },
    skip() {
      if (entry === null || entry.state !== 'open') return;
      count(0, -1);
      set(at, { state: 'skipped' });
      outbox.send({ kind: 'skip', itemId: entry.item.id });
      next(at);
    },
    undo() {
      const index = entries.findLastIndex(({ state }, place) => state !== 'open' && place <= at);
      const last = entries[index];
      if (last === undefined) return false;
      count(last.state === 'answered' ? -1 : 0, 1);
      set(index, { state: 'open' });
      outbox.send({ kind: 'undo', itemId: last.item.id });
      setAt(index);
      return true;
    },
    toFirstOpen() {
      const index = entries.findIndex(({ state }) => state === 'open');
      if (index >= 0) setAt(index);
      return index >= 0;
    },
    open: entries.filter(({ state }) => state === 'open').length,
    move: (by) => setAt(Math.min(Math.max(0, at + by), Math.max(0, entries.length - 1))),
    reload: () => {
      setEmpty(false);
      setError(null);
    },
  };
}

const noDraft: Draft = { answers: {}, choice: null, reason: '', correction: null };

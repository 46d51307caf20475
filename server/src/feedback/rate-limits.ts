/** Of a publishable key, which everybody can read: how much may come at once, and how much of it comes back each second. */
const limits = {
  key: { burst: 20_000, perSecond: 500 },
  address: { burst: 600, perSecond: 10 },
  user: { burst: 300, perSecond: 5 },
};
type Whose = keyof typeof limits;
const mostKept = 100_000;

interface Bucket {
  left: number;
  at: number;
}

/**
 * Buckets of one process: with several, as many times the limit passes. What is shared needs no more, for repeating what one said
 * replaces it.
 */
export class RateLimits {
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** All or nothing; seconds to wait when it is nothing. */
  spend(key: string, address: string, users: readonly string[]): number | null {
    const asked: [Whose, string, number][] = [
      ['key', `k${key}`, users.length],
      ['address', `a${key}\n${address}`, users.length],
    ];
    for (const [user, own] of Map.groupBy(users, (each) => each)) if (user !== '') asked.push(['user', `u${key}\n${user}`, own.length]);
    const found = asked.map(([whose, name, n]) => ({ bucket: this.#bucket(whose, name), n, ...limits[whose] }));
    const waits = found.map(({ bucket, n, burst, perSecond }) => (Math.min(n, burst) - bucket.left) / perSecond);
    const wait = Math.max(...waits);
    if (wait > 0) return Math.ceil(wait);
    for (const { bucket, n } of found) bucket.left -= n;
    return null;
  }

  #bucket(whose: Whose, name: string): Bucket {
    const { burst, perSecond } = limits[whose];
    const now = this.#now();
    const known = this.#buckets.get(name);
    const bucket = known ?? { left: burst, at: now };
    bucket.left = Math.min(burst, bucket.left + (Math.max(0, now - bucket.at) / 1_000) * perSecond);
    bucket.at = now;
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > mostKept)
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    return bucket;
  }
}

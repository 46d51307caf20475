import { createDice, type Dice } from './dice.ts';
import { type Article, articles, endings, openings, unanswerable } from './knowledge.ts';

/** One customer's question at one moment. */
export interface Visit {
  at: Date;
  user: string;
  session: string;
  question: string;
  /** The article that answers it; null when none does. */
  answer: Article | null;
  environment: 'production' | 'staging';
  channel: 'web' | 'app' | 'e-mail';
  language: 'en';
  seed: number;
}

const dayMs = 86_400_000;
/** Share of a day's visits in each hour of UTC: quiet nights, a peak at ten and one in the evening. */
const hours = [1, 1, 0.5, 0.5, 0.5, 1, 2, 4, 7, 9, 10, 9, 8, 8, 8, 7, 7, 6, 6, 7, 7, 5, 3, 2];

/**
 * Visits over `days` days up to `end`, by time.
 * @param perDay visits on an ordinary weekday
 */
export function makeVisits(end: Date, days: number, perDay: number, seed: number): Visit[] {
  const dice = createDice(seed);
  const users = Array.from({ length: 800 }, (_, i) => `customer-${1000 + i * 7}`);
  const visits: Visit[] = [];
  const start = end.getTime() - days * dayMs;
  const midnight = Math.floor(start / dayMs) * dayMs;
  for (let day = 0; day <= days; day += 1) {
    const weekday = new Date(midnight + day * dayMs).getUTCDay();
    const count = Math.round(perDay * (weekday === 0 || weekday === 6 ? 0.6 : 1) * (0.9 + dice.next() * 0.2) * (1 + day * 0.02));
    for (let i = 0; i < count; i += 1) visits.push(makeVisit(dice, midnight + day * dayMs, users));
  }
  return visits.filter((visit) => visit.at.getTime() >= start && visit.at <= end).sort((a, b) => a.at.getTime() - b.at.getTime());
}

function makeVisit(dice: Dice, dayStart: number, users: readonly string[]): Visit {
  const answer = dice.chance(0.06) ? null : dice.pick(articles);
  const question = answer === null ? dice.pick(unanswerable) : dice.pick(answer.questions);
  // Some customers write often, most once.
  const user = users[Math.floor(dice.next() ** 2 * users.length)] ?? 'customer-1000';
  return {
    at: new Date(dayStart + hourOf(dice) * 3_600_000 + Math.floor(dice.next() * 3_600_000)),
    user,
    session: `visit-${Math.floor(dice.next() * 1e9).toString(36)}`,
    question: `${dice.pick(openings)}${question}${dice.pick(endings)}`,
    answer,
    environment: dice.chance(0.08) ? 'staging' : 'production',
    channel: dice.pick(['web', 'web', 'web', 'app', 'app', 'e-mail']),
    language: 'en',
    seed: Math.floor(dice.next() * 1e9),
  };
}

function hourOf(dice: Dice): number {
  const total = hours.reduce((sum, share) => sum + share, 0);
  let left = dice.next() * total;
  for (const [hour, share] of hours.entries()) {
    left -= share;
    if (left <= 0) return hour;
  }
  return 23;
}

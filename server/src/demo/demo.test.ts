import { describe, expect, it } from 'vitest';
import { judge } from './conversation.ts';
import { createDice } from './dice.ts';
import { articles } from './knowledge.ts';
import { retrieve } from './retrieval.ts';
import { makeVisits } from './traffic.ts';

const end = new Date('2026-03-15T12:00:00Z');

describe('the story of the demo workspace', () => {
  it('is the same for the same seed and ends when it is told', () => {
    const visits = makeVisits(end, 14, 72, 1);
    expect(makeVisits(end, 14, 72, 1)).toEqual(visits);
    expect(makeVisits(end, 14, 72, 2)).not.toEqual(visits);
    expect(visits.length).toBeGreaterThan(700);
    expect(visits.every((visit, i) => visit.at <= end && (i === 0 || visit.at >= (visits[i - 1]?.at ?? end)))).toBe(true);
  });

  it('has days that are busier than nights', () => {
    const visits = makeVisits(end, 14, 72, 1);
    const between = (from: number, to: number) => visits.filter(({ at }) => at.getUTCHours() >= from && at.getUTCHours() < to).length;
    expect(between(9, 13)).toBeGreaterThan(3 * between(1, 5));
  });

  it('finds the right article for most questions, and not for all', () => {
    const asked = articles.flatMap((article) => article.questions.map((question) => ({ article, question })));
    const found = asked.filter(({ article, question }) => retrieve(question, 3).some((hit) => hit.article.id === article.id));
    expect(found.length / asked.length).toBeGreaterThan(0.6);
    expect(found.length).toBeLessThan(asked.length);
  });

  it('rewards an answer that holds what the article says', () => {
    const [article] = articles;
    if (article === undefined) throw new Error('no articles');
    expect(judge({ answer: article }, article.text)).toBeGreaterThan(0.8);
    expect(judge({ answer: article }, 'Please see our website.')).toBeLessThan(0.4);
    expect(judge({ answer: null }, 'I do not know; I will pass your question to a colleague.')).toBeGreaterThan(
      judge({ answer: null }, 'Yes, we sell surfboards.'),
    );
  });

  it('throws dice that are fair enough', () => {
    const dice = createDice(7);
    const rolls = Array.from({ length: 5000 }, () => dice.next());
    expect(rolls.reduce((sum, roll) => sum + roll, 0) / rolls.length).toBeCloseTo(0.5, 1);
    expect(Math.min(...rolls)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...rolls)).toBeLessThan(1);
  });
});

import { type Article, articles } from './knowledge.ts';

const stop = new Set(
  'a an and any are at be by can do does for from have how i in is it me my of on or our please the this to up we what when where which with you your'.split(
    ' ',
  ),
);

function words(text: string): string[] {
  return (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).filter((word) => !stop.has(word)).map((word) => word.replace(/(ing|ed|es|s)$/, ''));
}

const index = articles.map((article) => ({
  article,
  words: new Set(words(`${article.title} ${article.text}`)),
  title: new Set(words(article.title)),
}));

/**
 * The articles that share most words with a question, best first: plain on purpose, so that some questions
 * get the wrong article and there is something to find.
 * @returns scores from 0 to 1
 */
export function retrieve(question: string, count: number): { article: Article; score: number }[] {
  const asked = words(question);
  const scored = index.map((entry) => {
    const hits = asked.reduce((sum, word) => sum + (entry.title.has(word) ? 2 : entry.words.has(word) ? 1 : 0), 0);
    return { article: entry.article, score: Math.min(1, hits / Math.max(4, asked.length)) };
  });
  return scored.sort((a, b) => b.score - a.score).slice(0, count);
}

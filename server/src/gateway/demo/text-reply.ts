import type { Reading } from './reply.ts';
import { overlap, passages, sentences, stems } from './words.ts';

/** A simulated answer in words. */
export function textReply(reading: Reading): string {
  const { question, dice } = reading;
  const echo = /\b(?:say|reply|respond|answer)\b(?: only| just| exactly)?(?: with)?(?: the words?)?:? ["“']([^"”']{1,200})["”']/i.exec(
    question,
  );
  if (echo?.[1] !== undefined) return echo[1];
  const label = classify(reading);
  if (label !== null) return label;
  if (reading.toolResults.length > 0) return fromTools(reading);
  const sum = arithmetic(reading);
  if (sum !== null) return sum;
  if (/^\s*(?:hi|hello|hey|good (?:morning|afternoon|evening))\b[^?]{0,30}$/i.test(question)) {
    return dice.pick([
      'Hello! How can I help you today?',
      'Hi there! What can I do for you?',
      'Hello, nice to hear from you. What do you need?',
    ]);
  }
  if (/\bsummar/i.test(`${reading.system}\n${question}`)) return summary(reading);
  const found = material(reading);
  const body = found.length > 0 ? fromPassages(reading, found) : fromNothing(reading);
  return dressed(reading, reading.images > 0 ? `${seen(reading)} ${body}` : body);
}

/** What was retrieved: beside the question where there is something, since a question that counts as a passage of its own fits itself best. */
function material({ all, question }: Reading): string[] {
  const beside = passages(all.replace(`${question}\n\n`, () => ''));
  return beside.length > 0 ? beside : passages(all);
}

function isBrief(reading: Reading): boolean {
  return /\b(concise|brief|briefly|short|one sentence|at most (?:one|two)|terse)\b/i.test(`${reading.system} ${reading.question}`);
}

function fromPassages(reading: Reading, found: readonly string[]): string {
  const { dice, model } = reading;
  const wanted = new Set(stems(reading.question));
  const ranked = found
    .map((text, index) => ({ text, index, score: overlap(wanted, text) }))
    .sort((a, b) => b.score - a.score || a.index - b.index);
  const best = ranked[0];
  if (best === undefined || best.score === 0) {
    return dice.chance(model.quality)
      ? 'I could not find this in our help articles, so I do not want to guess. I can pass your question on to a colleague who will get back to you.'
      : firstSentences(dice.pick([found[0] ?? '', ...found]), 1);
  }
  // A weak model takes the wrong passage now and then, and says less of the right one.
  const chosen = dice.chance(model.quality) ? best : (ranked[1] ?? best);
  const count = isBrief(reading) ? 1 : model.quality > 0.9 ? 3 : model.quality > 0.6 ? 2 : 1;
  const lines = sentences(chosen.text);
  const picked = new Set([...lines].sort((a, b) => overlap(wanted, b) - overlap(wanted, a)).slice(0, count));
  const text = lines.filter((line) => picked.has(line)).join(' ');
  const cites = /\b(cite|citation|source number|\[1\])/i.test(reading.system) && dice.chance(model.quality);
  return cites ? `${text} [${chosen.index + 1}]` : text;
}

function fromNothing(reading: Reading): string {
  const { dice, model, question } = reading;
  const topic = topicOf(question);
  if (model.quality > 0.9) {
    return `Here is what I can say about ${topic}. It depends on your situation, so let me go step by step: first check what you have now, then decide what should change, and only then make the change. If you tell me a little more, for example what you have tried so far, I can be more precise.`;
  }
  if (model.quality > 0.6) {
    return dice.pick([
      `For ${topic}, the usual way is to check your settings first and then try again. Could you tell me a bit more about it?`,
      `About ${topic}: I would start with the basics and see what changes. What have you tried so far?`,
    ]);
  }
  return dice.pick([`You can find ${topic} in the settings.`, `Please try again later.`, `Sure, ${topic} is included in every plan.`]);
}

function fromTools(reading: Reading): string {
  const last = reading.toolResults.at(-1) ?? '';
  let told = last;
  try {
    const value: unknown = JSON.parse(last);
    if (typeof value === 'object' && value !== null) {
      told = Object.entries(value)
        .slice(0, reading.model.quality > 0.6 ? 8 : 2)
        .map(([key, item]) => `${key.replaceAll('_', ' ')} is ${typeof item === 'object' ? JSON.stringify(item) : String(item)}`)
        .join(', ');
    }
  } catch {
    told = last.slice(0, 400);
  }
  return dressed(reading, `I have looked it up: ${told}.`);
}

function summary(reading: Reading): string {
  const source = reading.question.replace(/^[^\n]*summar[^\n:]*[:\n]/i, '');
  const lines = sentences(source === '' ? reading.all : source);
  return lines.slice(0, isBrief(reading) || reading.model.quality < 0.6 ? 1 : 2).join(' ') || 'There is nothing to summarise.';
}

/** "Classify … as one of: a, b, c", and yes-or-no questions to a judge. */
function classify(reading: Reading): string | null {
  const text = `${reading.system}\n${reading.question}`;
  const list = /(?:one of|categories|labels|options|classes|either)(?: are| is)?:?\s*([^\n.]{3,300})/i.exec(text)?.[1];
  if (list === undefined || !/\b(classif|categor|label|sentiment|intent|choose|route)/i.test(text)) return null;
  const [first, ...rest] = list
    .split(/,|\bor\b|\band\b|\||\//)
    .map((item) => item.replace(/["'`()[\]]/g, '').trim())
    .filter((item) => item !== '');
  if (first === undefined || rest.length === 0) return null;
  const wanted = new Set(stems(reading.question));
  const [best] = [first, ...rest].map((item) => ({ item, score: overlap(wanted, item) })).sort((a, b) => b.score - a.score);
  if (best !== undefined && best.score > 0 && reading.dice.chance(reading.model.quality)) return best.item;
  return reading.dice.pick([first, ...rest]);
}

function arithmetic(reading: Reading): string | null {
  const found = /(-?\d{1,9}(?:\.\d{1,6})?)\s*([-+*x×/÷])\s*(-?\d{1,9}(?:\.\d{1,6})?)\s*(?:=|\?|$)/.exec(reading.question);
  if (found === null) return null;
  const [a, b] = [Number(found[1]), Number(found[3])];
  const sign = found[2];
  const right = sign === '+' ? a + b : sign === '-' ? a - b : sign === '/' || sign === '÷' ? a / b : a * b;
  const value = reading.dice.chance(reading.model.quality) ? right : right + 1;
  return isBrief(reading) || reading.model.quality < 0.6 ? String(value) : `${a} ${sign} ${b} is ${value}.`;
}

function seen(reading: Reading): string {
  return reading.images === 1
    ? 'I was sent a picture (this model is simulated and cannot really look at it).'
    : `I was sent ${reading.images} pictures (this model is simulated and cannot really look at them).`;
}

function dressed(reading: Reading, text: string): string {
  const { dice, model, system } = reading;
  const warm = /\b(friendly|polite|warm|empath|kind|helpful)/i.test(system) && model.quality > 0.6 && !isBrief(reading);
  if (!warm) return text;
  const upset = /\b(angry|annoyed|frustrat|terrible|broken|still|again|unacceptable|worst)/i.test(reading.question);
  const opening = upset
    ? dice.pick(['I am sorry about the trouble.', 'Sorry to hear that this has not worked.'])
    : dice.pick(['Thanks for asking!', 'Happy to help.', 'Good question.']);
  const closing = dice.chance(0.6)
    ? dice.pick([' Is there anything else I can do for you?', ' Let me know if that helps.', ' Just write back if anything is unclear.'])
    : '';
  return `${opening} ${text}${closing}`;
}

function topicOf(question: string): string {
  const last = sentences(question).at(-1) ?? question;
  const words = (last.match(/[\p{L}\p{N}'-]+/gu) ?? []).filter((word) => stems(word).length > 0);
  return words.length === 0 ? 'this' : words.slice(0, 5).join(' ').toLowerCase();
}

function firstSentences(text: string, count: number): string {
  return sentences(text).slice(0, count).join(' ');
}

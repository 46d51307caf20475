import { asObject, asText } from '../wire/read.ts';
import { valueFor } from './json-reply.ts';
import type { Reading } from './reply.ts';
import { overlap, stems } from './words.ts';

/** The tools a simulated model would call, or null when it answers in words. */
export function toolReply(reading: Reading, tools: readonly unknown[], choice: unknown): { name: string; arguments: string }[] | null {
  const forced = asText(asObject(asObject(choice)?.['function'])?.['name']);
  if (choice === 'none' || tools.length === 0) return null;
  // With results at hand it answers, unless told to call.
  if (reading.toolResults.length > 0 && choice !== 'required' && forced === null) return null;
  const known = tools.flatMap((tool) => {
    const named = asObject(asObject(tool)?.['function']);
    const name = asText(named?.['name']);
    if (named === null || name === null) return [];
    return [
      {
        name,
        about: `${name.replace(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' ')} ${asText(named['description']) ?? ''}`,
        parameters: asObject(named['parameters']) ?? {},
      },
    ];
  });
  const words = new Set(stems(reading.question));
  const ranked = known
    .map((tool) => ({ tool, score: tool.name === forced ? Infinity : overlap(words, tool.about) }))
    .sort((a, b) => b.score - a.score);
  const best = ranked[0];
  if (best === undefined) return null;
  const must = choice === 'required' || forced !== null;
  // A weak model does not always see that a tool would help.
  if (!must && (best.score === 0 || !reading.dice.chance(0.3 + reading.model.quality * 0.7))) return null;
  const value = valueFor(reading, { type: 'object', ...best.tool.parameters }, best.tool.parameters, best.tool.name, 0);
  return [{ name: best.tool.name, arguments: JSON.stringify(value) }];
}

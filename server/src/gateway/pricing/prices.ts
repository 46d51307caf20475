import type { Price } from '../index.ts';
import { builtInPrices } from './price-table.ts';
import type { Usage } from '../wire/chat.ts';

/** A workspace's own rows before the built-in ones; within each, exact names before prefixes, longer prefixes before shorter. */
export function findPrice(own: readonly Price[], model: string, provider: string | null): Price | null {
  return best(own, model, provider) ?? best(builtInPrices, model, provider);
}

function best(rows: readonly Price[], model: string, provider: string | null): Price | null {
  let found: Price | null = null;
  for (const row of rows) {
    if (provider !== null && row.provider !== provider) continue;
    if (row.model === model) return row;
    if (!row.model.endsWith('*') || !model.startsWith(row.model.slice(0, -1))) continue;
    if (found === null || row.model.length > found.model.length) found = row;
  }
  return found;
}

/** USD for the prompt and for the output; null where the price or the count is unknown. */
export function costOf(price: Price | null, usage: Usage): { promptCost: number | null; outputCost: number | null } {
  if (price === null) return { promptCost: null, outputCost: null };
  return { promptCost: promptCost(price, usage), outputCost: times(price.outputPerMillion, usage.outputTokens) };
}

function promptCost(price: Price, { promptTokens, cachedTokens }: Usage): number | null {
  if (promptTokens === null || price.inputPerMillion === null) return null;
  const cached = Math.min(cachedTokens ?? 0, promptTokens);
  return round(((promptTokens - cached) * price.inputPerMillion + cached * (price.cachedInputPerMillion ?? price.inputPerMillion)) / 1e6);
}

function times(perMillion: number | null, tokens: number | null): number | null {
  return perMillion === null || tokens === null ? null : round((perMillion * tokens) / 1e6);
}

/** To a millionth of a millionth of a dollar: beyond that is the noise of binary fractions. */
function round(costUsd: number): number {
  return Math.round(costUsd * 1e12) / 1e12;
}

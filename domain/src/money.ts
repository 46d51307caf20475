/** What a call costs. Unknown stays null: it is not free. */

/** A row of the price table; USD per million tokens. */
export interface PriceRow {
  /** Name of a model, or a start of names ending in `*`. */
  model: string;
  provider: string;
  input_per_million: number | null;
  output_per_million: number | null;
  cached_input_per_million?: number | null | undefined;
  source?: 'built-in' | 'workspace' | undefined;
}

export interface TokenUsage {
  /** All tokens in, cached ones included. */
  inputTokens: number | null;
  outputTokens: number | null;
  cachedInputTokens?: number | null | undefined;
  /** Counted by us and not by the provider. */
  estimated?: boolean | undefined;
}

export interface Cost {
  promptCostUsd: number | null;
  outputCostUsd: number | null;
  /** Null unless both are known. */
  costUsd: number | null;
  /** The tokens were estimated, or cached ones were charged in full for want of a price. */
  estimated: boolean;
}

export function costOf(usage: TokenUsage, price: PriceRow | null): Cost {
  const input = usage.inputTokens;
  const cached = Math.min(usage.cachedInputTokens ?? 0, input ?? 0);
  const cachedPrice = price?.cached_input_per_million ?? null;
  const promptCostUsd =
    cachedPrice !== null && cached > 0
      ? add(charge(input === null ? null : input - cached, price?.input_per_million), charge(cached, cachedPrice))
      : charge(input, price?.input_per_million);
  const outputCostUsd = charge(usage.outputTokens, price?.output_per_million);
  const guessed = usage.estimated === true || (cached > 0 && cachedPrice === null);
  return {
    promptCostUsd,
    outputCostUsd,
    costUsd: add(promptCostUsd, outputCostUsd),
    estimated: guessed && (promptCostUsd !== null || outputCostUsd !== null),
  };
}

/** The price of a model: a workspace's row before a built-in one, an exact name before the longest fitting start. */
export function findPrice<P extends PriceRow>(rows: readonly P[], provider: string, model: string): P | null {
  let best: { row: P; rank: number } | null = null;
  for (const row of rows) {
    if (row.provider !== provider) continue;
    const length = row.model.endsWith('*') && model.startsWith(row.model.slice(0, -1)) ? row.model.length : row.model === model ? 1000 : 0;
    const rank = length + (row.source === 'workspace' ? 2000 : 0);
    if (length > 0 && (best === null || rank > best.rank)) best = { row, rank };
  }
  return best?.row ?? null;
}

/** USD with enough digits to be true: cents from a cent up, two digits that count below; `—` when unknown. */
export function formatUsd(usd: number | null | undefined): string {
  if (usd === null || usd === undefined || !Number.isFinite(usd)) return '—';
  const sign = usd < 0 ? '-' : '';
  const size = Math.abs(usd);
  if (size === 0 || size >= 0.01) return `${sign}$${size.toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ',')}`;
  const digits = Math.min(12, 1 - Math.floor(Math.log10(size)));
  return `${sign}$${size.toFixed(digits)}`;
}

function charge(tokens: number | null, perMillion: number | null | undefined): number | null {
  if (tokens === 0) return 0;
  if (tokens === null || perMillion === null || perMillion === undefined) return null;
  return exact((tokens * perMillion) / 1_000_000);
}

function add(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : exact(a + b);
}

/** Without the tail of binary fractions: 3 x 0.1 is 0.3. */
function exact(value: number): number {
  return Number(value.toPrecision(12));
}

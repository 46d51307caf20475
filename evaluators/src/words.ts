/** How reasons are written. No text of the engine's own goes into them: they are equal wherever a judgment is made. */

/** A text in quotes, cut to so many characters. */
export function quote(text: string, max = 60): string {
  const short = cut(text, max);
  return short === text ? JSON.stringify(text) : `${JSON.stringify(short)}…`;
}

/** At most so many code points from the beginning. */
export function cut(text: string, max: number): string {
  const signs = Array.from(text.slice(0, 2 * max + 2));
  return signs.length > max ? signs.slice(0, max).join('') : text;
}

/** The first few, and how many more. */
export function listed<T>(items: readonly T[], tell: (item: T) => string, max = 5): string {
  const rest = items.length - max;
  return (
    items
      .slice(0, max)
      .map((item) => tell(item))
      .join('; ') + (rest > 0 ? `; and ${rest} more` : '')
  );
}

/** `1 word`, `1,200 words`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${grouped(count)} ${count === 1 ? one : many}`;

/** With commas between thousands; three decimals, or three digits of what is under one. */
export function grouped(value: number): string {
  const rounded = Number(Math.abs(value) >= 1 ? value.toFixed(3) : value.toPrecision(3));
  const [whole = '', decimals] = String(rounded).split('.');
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (decimals === undefined ? '' : `.${decimals}`);
}

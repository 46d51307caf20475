interface Ends {
  estimate: number | null;
  lower: number | null;
  upper: number | null;
}

/** A scale with zero in its middle that holds all intervals and the smallest difference worth having. */
export function aroundZero(of: readonly Ends[], margin: number | null): [number, number] {
  const sizes = of.flatMap((one) => [one.lower, one.estimate, one.upper]).filter((value) => value !== null);
  const widest = Math.max(0, ...sizes.map(Math.abs), (margin ?? 0) * 1.6) * 1.08;
  return widest === 0 ? [-1, 1] : [-widest, widest];
}

/** The largest round number that lies well within a scale around zero. */
export function roundWithin(high: number): number {
  const power = 10 ** Math.floor(Math.log10(high * 0.85));
  return ([5, 2, 1].find((factor) => factor * power <= high * 0.85) ?? 1) * power;
}

/** The same for a course of looks: the first ones know nothing, and would make a line of all that follow. */
export function courseScale(looks: readonly (Ends & { units: number })[], margin: number): [number, number] {
  const most = Math.max(0, ...looks.map((one) => one.units));
  const later = looks.filter((one) => one.units >= most * 0.25);
  const [low, high] = aroundZero(later.length === 0 ? looks : later, margin);
  return [low * 1.25, high * 1.25];
}

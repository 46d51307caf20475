/** The next round number at or above a value: 1, 2, 5 times a power of ten. Zero and less give 1. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** Starts of the buckets of a series, in milliseconds. */
export function bucketStarts(series: { start: string; bucket_seconds: number }, count: number): number[] {
  const first = new Date(series.start).getTime();
  return Array.from({ length: count }, (_, at) => first + at * series.bucket_seconds * 1000);
}

/** How a moment is called on an axis, by how wide its bucket is. */
export function axisTime(at: number, bucketSeconds: number): string {
  const date = new Date(at);
  if (bucketSeconds >= 86_400) return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  if (bucketSeconds >= 3_600) return date.toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  return date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', ...(bucketSeconds < 60 ? { second: '2-digit' } : {}) });
}

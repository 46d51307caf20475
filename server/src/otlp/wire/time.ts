/**
 * Nanoseconds since 1970, to which a double comes within a quarter of a microsecond in our time, as milliseconds to the
 * microsecond: a whole millisecond stays whole.
 */
export function millisecondsOf(nanos: number): number {
  return Math.round(nanos / 1e3) / 1e3;
}

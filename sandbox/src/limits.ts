/** What one judgment may take. */
export interface Limits {
  /** Wall clock, without the time that `ask` waits. */
  wallMs: number;
  /** For the code's own data, beside what its interpreter takes. */
  memoryMb: number;
  /** Calls of `ask`. */
  asks: number;
}

export const usualLimits: Limits = { wallMs: 2_000, memoryMb: 128, asks: 20 };

/** Sizes are the same everywhere, for a judgment must not depend on who made it. */
export const sizes = {
  sourceBytes: 256 << 10,
  /** A log with its testcase, as JSON. */
  inputBytes: 5.5 * (1 << 20),
  /** A judgment with its reason, as JSON. */
  resultBytes: 256 << 10,
  /** Of what is printed, its first characters. */
  stdoutChars: 64 << 10,
  askBytes: 1 << 20,
} as const;

/** How much longer than the wall clock says a runner may live: it ends what it can end by itself. */
export const graceMs = 50;

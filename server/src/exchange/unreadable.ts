/** A file in an archive that is not there, too large or damaged. */
export class UnreadableError extends Error {}

/** What JSON packs to, and then some: one that promises more of a large file is there to fill a disk or a memory. */
export const highestRatio = 500;
export const suspiciousBytes = 64 << 20;

/** Index 0 to 11 in the palette of version colours. */
export function versionHue(hash: string): number {
  const value = Number.parseInt(hash.slice(0, 8), 16);
  return Number.isNaN(value) ? 0 : value % 12;
}

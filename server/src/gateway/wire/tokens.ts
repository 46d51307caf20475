/** Tokens in a text, roughly: 4 characters of alphabetic scripts, 1 to 1.5 of others. For answers whose provider sends no usage. */
export function estimateTokens(text: string): number {
  let narrow = 0;
  let wide = 0;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) < 0x0600) narrow += 1;
    else wide += 1;
  }
  return Math.ceil(narrow / 4 + wide / 1.4);
}

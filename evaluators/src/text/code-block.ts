/**
 * The inside of a text that is one Markdown code block and nothing else; any other text as it is. By hand: a pattern for it
 * takes time by the square of the blank lines.
 */
export function withoutCodeBlock(text: string): string {
  const block = text.trim();
  const firstLine = block.indexOf('\n');
  if (firstLine < 0 || !block.startsWith('```') || !block.endsWith('```')) return text;
  const language = block.slice(3, firstLine).trim();
  return /^\w{0,20}$/.test(language) ? block.slice(firstLine + 1, -3).trim() : text;
}

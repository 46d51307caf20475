/** What the commands print: one line a file, then a sum that a newcomer understands. */

export interface Output {
  out(text: string): void;
  err(text: string): void;
  /** Whether the reader sees colours. */
  colour: boolean;
}

export type Tone = 'good' | 'change' | 'trouble' | 'quiet';
const colours: Record<Tone, string> = { good: '32', change: '36', trouble: '31', quiet: '2' };

export class Report {
  readonly #output: Output;
  readonly #counts = new Map<string, number>();
  /** Conflicts and failures. */
  trouble = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  /** @param word what the sum counts this line under */
  line(mark: string, tone: Tone, name: string, word: string, detail = ''): void {
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
    if (tone === 'trouble') this.trouble += 1;
    const text = `  ${mark} ${name.padEnd(44)} ${word}${detail === '' ? '' : `: ${detail}`}`;
    this.#output.out(this.#paint(text, tone));
  }

  sum(nothing: string): void {
    const parts = [...this.#counts].map(([word, count]) => `${count} ${word}`);
    this.#output.out(parts.length === 0 ? nothing : `${parts.join(', ')}.`);
  }

  say(text: string): void {
    this.#output.out(text);
  }

  #paint(text: string, tone: Tone): string {
    return this.#output.colour ? `\u001B[${colours[tone]}m${text}\u001B[0m` : text;
  }
}

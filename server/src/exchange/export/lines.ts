import type { Pack } from './pack.ts';

/** As the vendor's tool has it. */
const linesOfAFile = 1_000;
/** Or so many characters, whichever is first: what reads the export back holds a file in memory at times. */
const charsOfAFile = 64 << 20;

/** `FOLDER/1.jsonl`, `FOLDER/2.jsonl` …; none without a record. @returns how many records there were */
export async function addLines(pack: Pack, folder: string, records: AsyncIterable<object>): Promise<number> {
  const source = records[Symbol.asyncIterator]();
  let next = await source.next();
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    for (let line = 0, chars = 0; line < linesOfAFile && chars < charsOfAFile && next.done !== true; line += 1) {
      const text = `${JSON.stringify(next.value)}\n`;
      chars += text.length;
      count += 1;
      yield text;
      next = await source.next();
    }
  }
  try {
    for (let file = 1; next.done !== true; file += 1) await pack.add(`${folder}/${file}.jsonl`, lines());
  } finally {
    await source.return?.();
  }
  return count;
}

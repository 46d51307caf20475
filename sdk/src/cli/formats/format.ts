import type { AnyObject, FileKind } from '@whetstone/contract';

/** How a kind of file is written as text that people read and git compares. A new kind is a row of `index.ts`. */
export interface Format {
  kind: FileKind;
  /** With its dot; what follows the path in the name of the file. */
  extension: string;
  /** What an upsert takes beside the path. Throws `FormatError`. */
  parse(text: string): AnyObject;
  /** The text of a version; null where the server prints it (`serialize`). */
  print: ((version: AnyObject) => string) | null;
}

export class FormatError extends Error {
  /** From 1. */
  readonly line: number;
  readonly column: number | null;

  constructor(line: number, column: number | null, message: string) {
    super(message);
    this.name = 'FormatError';
    this.line = line;
    this.column = column;
  }
}

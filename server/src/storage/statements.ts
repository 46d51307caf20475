// A statement ends at a semicolon that is outside of quotes, dollar quotes and comments.
const PIECES = /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|;|[^'"`$;/-]+|[\s\S]/g;

/** Cuts a migration file into its statements, without comments. */
export function splitStatements(file: string): string[] {
  const statements: string[] = [];
  let current = '';
  const end = (): void => {
    if (current.trim() !== '') statements.push(current.trim());
    current = '';
  };
  for (const [piece] of file.matchAll(PIECES)) {
    if (piece === ';') end();
    else if (!piece.startsWith('--') && !piece.startsWith('/*')) current += piece;
  }
  end();
  return statements;
}

/** A tenant's source, parsed: what is called, what keeps it from running. */

declare function require(name: 'acorn'): typeof import('acorn');

export interface Job {
  mode: 'judge' | 'call' | 'check';
  language: 'javascript' | 'typescript';
  source: string;
  entry?: string;
  /** Another tenant than the last time: nothing of this process's QuickJS is used again. */
  fresh: boolean;
  canAsk: boolean;
  wallMs: number;
  memoryMb: number;
  resultBytes: number;
  stdoutChars: number;
}
export interface Outcome {
  k: string;
  message?: string;
  stack?: string;
  [name: string]: unknown;
}
export interface Program {
  text: string;
  /** Its name in the source, and among the exports of `text`. */
  named: string | null;
  entry: string | null;
  parameters: string[];
  /** It names `console` or `ask`. */
  extras: boolean;
  missing: { module: string; line: number }[];
}
interface Problem {
  message: string;
  line: number;
  column: number;
}

const acorn = require('acorn');
const stripTypes = process.getBuiltinModule('node:module').stripTypeScriptTypes as ((text: string) => string) | undefined;

class Invalid extends Error {
  problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Types become blanks, so that lines and columns stay. */
function strip(source: string): string {
  if (stripTypes === undefined) throw new Invalid({ message: 'TypeScript needs Node 22.13 or later', line: 1, column: 1 });
  try {
    return stripTypes(source);
  } catch (error) {
    const { message, stack = '' } = error as Error;
    // Node tells the place only in the stack: `:LINE`, the text, and a line of carets below it.
    const line = Number(/^:(\d+)\n/.exec(stack)?.[1] ?? 1);
    const column = /\n( *)\^/.exec(stack)?.[1]?.length ?? 0;
    throw new Invalid({ message, line, column: column + 1 });
  }
}

/** Finds the entry: the last function defined at the top level, or the one that is asked for by name. */
function read(job: Job): Program {
  const source = job.language === 'typescript' ? strip(job.source) : job.source;
  let tree;
  try {
    tree = acorn.parse(source, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
  } catch (error) {
    const { message, loc } = error as SyntaxError & { loc?: { line: number; column: number } };
    const said = message.replace(/ \(\d+:\d+\)$/, '');
    throw new Invalid({ message: said, line: loc?.line ?? 1, column: (loc?.column ?? 0) + 1 });
  }
  let entry: string | null = null;
  let isDefault = false;
  let parameters: string[] = [];
  const missing: Program['missing'] = [];
  for (const statement of tree.body) {
    if (statement.type === 'ImportDeclaration')
      missing.push({ module: String(statement.source.value), line: statement.loc?.start.line ?? 1 });
    const exported = statement.type === 'ExportDefaultDeclaration';
    const inner = exported || statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (inner === null || inner === undefined) continue;
    const found: { name: string; of: { params: { type: string; start: number; end: number }[] } }[] = [];
    if (
      inner.type === 'FunctionDeclaration' ||
      (exported && (inner.type === 'ArrowFunctionExpression' || inner.type === 'FunctionExpression'))
    ) {
      found.push({ name: ('id' in inner ? inner.id?.name : undefined) ?? 'default', of: inner });
    } else if (inner.type === 'VariableDeclaration') {
      for (const { id, init } of inner.declarations) {
        if (id.type === 'Identifier' && (init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression'))
          found.push({ name: id.name, of: init });
      }
    }
    for (const one of found) {
      if (entry !== null && entry === job.entry) break;
      entry = one.name;
      isDefault = one.name === 'default';
      parameters = one.of.params.map((parameter) => source.slice(parameter.start, parameter.end).replace(/\s*=[\s\S]*/, ''));
    }
  }
  const tail = entry === null || isDefault ? '' : `\nexport { ${entry} as __entry };`;
  return {
    text: source + tail,
    named: entry,
    entry: isDefault ? 'default' : entry === null ? null : '__entry',
    parameters,
    extras: /console|ask|\\u/.test(source),
    missing,
  };
}

export function check(job: Job): Outcome {
  try {
    const { named, parameters, missing } = read(job);
    return { k: 'check', problems: [], entry: named, parameters, missing };
  } catch (error) {
    if (error instanceof Invalid) return { k: 'check', problems: [error.problem] };
    throw error;
  }
}

/** What is to be run, or the outcome that every row has without it. */
export function programOf(job: Job): Program | Outcome {
  try {
    const program = read(job);
    if (program.entry !== null) return program;
    return { k: 'error', message: 'There is no function: the last one defined is the one that is called' };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const { message, line, column } = error.problem;
    return { k: 'error', message: `SyntaxError: ${message}`, line, column };
  }
}

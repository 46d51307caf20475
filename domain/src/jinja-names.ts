/** Finds the free names of a Jinja syntax tree: what a template needs from outside. */

export interface JinjaNode {
  type: string;
}
export type JinjaArgument = { type: 'value'; value: unknown } | { type: 'variable'; name: string };
export interface JinjaNames {
  /** Free variables, top-level names, in order of first appearance. */
  variables: string[];
  /** Calls of free functions with constants or plain variables as arguments. */
  calls: { name: string; args: JinjaArgument[] }[];
}

const globals = ['true', 'false', 'none', 'True', 'False', 'None', 'namespace', 'range', 'raise_exception'];

/** Fields with child nodes, in the order in which they stand in the text, of nodes that bind nothing. */
const childFields: Readonly<Record<string, readonly string[]>> = {
  Program: ['body'],
  If: ['test', 'body', 'alternate'],
  MemberExpression: ['object'],
  ArrayLiteral: ['value'],
  TupleLiteral: ['value'],
  BinaryExpression: ['left', 'right'],
  FilterExpression: ['operand'],
  SelectExpression: ['lhs', 'test'],
  TestExpression: ['operand'],
  UnaryExpression: ['argument'],
  SliceExpression: ['start', 'stop', 'step'],
  KeywordArgumentExpression: ['value'],
  SpreadExpression: ['argument'],
  KeywordSpreadExpression: ['argument'],
  Ternary: ['trueExpr', 'condition', 'falseExpr'],
};

export function jinjaNames(programs: readonly JinjaNode[]): JinjaNames {
  const walker = new Walker();
  for (const program of programs) walker.visit(program, new Set(globals));
  return { variables: [...walker.variables], calls: walker.calls };
}

/** The node whose value a `for` runs over. */
export function iterableOf(loop: JinjaNode): JinjaNode | null {
  const [iterable] = childrenOf(loop, 'iterable');
  return (iterable?.type === 'SelectExpression' ? childrenOf(iterable, 'lhs')[0] : iterable) ?? null;
}

class Walker {
  readonly variables = new Set<string>();
  readonly calls: JinjaNames['calls'] = [];

  visit(node: JinjaNode, bound: Set<string>): void {
    if (node.type === 'Identifier') return this.#read(node, bound);
    for (const field of childFields[node.type] ?? []) this.#visitAll(childrenOf(node, field), bound);
    if (node.type === 'MemberExpression' && fieldOf(node, 'computed') === true) this.#visitAll(childrenOf(node, 'property'), bound);
    else if (node.type === 'ObjectLiteral') this.#visitObject(node, bound);
    else if (node.type === 'CallExpression') this.#visitCall(node, bound);
    else if (node.type === 'FilterExpression') this.#visitFilter(node, bound);
    else if (node.type === 'FilterStatement') {
      this.#visitFilter(node, bound);
      this.#visitAll(childrenOf(node, 'body'), new Set(bound));
    } else if (node.type === 'For') this.#visitFor(node, bound);
    else if (node.type === 'Set') this.#visitSet(node, bound);
    else if (node.type === 'Macro' || node.type === 'CallStatement') this.#visitMacro(node, bound);
  }

  #visitAll(nodes: readonly JinjaNode[], bound: Set<string>): void {
    for (const node of nodes) this.visit(node, bound);
  }

  #read(node: JinjaNode, bound: ReadonlySet<string>): void {
    const name = fieldOf(node, 'value');
    if (typeof name === 'string' && !bound.has(name)) this.variables.add(name);
  }

  #visitObject(node: JinjaNode, bound: Set<string>): void {
    const entries = fieldOf(node, 'value');
    if (!(entries instanceof Map)) return;
    for (const entry of entries) for (const item of entry) if (isNode(item)) this.visit(item, bound);
  }

  #visitCall(node: JinjaNode, bound: Set<string>): void {
    const callee = fieldOf(node, 'callee');
    const args = childrenOf(node, 'args');
    const name = isNode(callee) && callee.type === 'Identifier' ? fieldOf(callee, 'value') : null;
    if (typeof name === 'string') {
      const simple = args.map(argumentOf);
      if (!bound.has(name)) this.calls.push({ name, args: simple.filter((argument) => argument !== null) });
    } else if (isNode(callee)) this.visit(callee, bound);
    this.#visitAll(args, bound);
  }

  /** The name of a filter is no variable; its arguments may be. */
  #visitFilter(node: JinjaNode, bound: Set<string>): void {
    const filter = fieldOf(node, 'filter');
    if (isNode(filter) && filter.type === 'CallExpression') this.#visitAll(childrenOf(filter, 'args'), bound);
  }

  #visitFor(node: JinjaNode, bound: Set<string>): void {
    const inner = new Set([...bound, 'loop']);
    const [iterable] = childrenOf(node, 'iterable');
    const filtered = iterable?.type === 'SelectExpression';
    // `for x in list if test`: the list is read outside the loop, the test inside.
    if (iterable !== undefined) this.#visitAll(filtered ? childrenOf(iterable, 'lhs') : [iterable], bound);
    bind(childrenOf(node, 'loopvar'), inner);
    if (iterable !== undefined && filtered) this.#visitAll(childrenOf(iterable, 'test'), inner);
    this.#visitAll(childrenOf(node, 'body'), inner);
    this.#visitAll(childrenOf(node, 'defaultBlock'), new Set(bound));
  }

  #visitSet(node: JinjaNode, bound: Set<string>): void {
    this.#visitAll(childrenOf(node, 'value'), bound);
    this.#visitAll(childrenOf(node, 'body'), new Set(bound));
    const assignee = childrenOf(node, 'assignee');
    if (assignee[0]?.type === 'MemberExpression') this.#visitAll(assignee, bound);
    else bind(assignee, bound);
  }

  #visitMacro(node: JinjaNode, bound: Set<string>): void {
    if (node.type === 'Macro') bind(childrenOf(node, 'name'), bound);
    else this.#visitAll(childrenOf(node, 'call'), bound);
    const inner = new Set([...bound, 'caller', 'varargs', 'kwargs']);
    for (const parameter of childrenOf(node, node.type === 'Macro' ? 'args' : 'callerArgs')) {
      this.#visitAll(childrenOf(parameter, 'value'), bound);
      bind(parameter.type === 'KeywordArgumentExpression' ? childrenOf(parameter, 'key') : [parameter], inner);
    }
    this.#visitAll(childrenOf(node, 'body'), inner);
  }
}

function argumentOf(node: JinjaNode): JinjaArgument | null {
  const value = fieldOf(node, 'value');
  if (['StringLiteral', 'IntegerLiteral', 'FloatLiteral'].includes(node.type)) return { type: 'value', value };
  return node.type === 'Identifier' && typeof value === 'string' ? { type: 'variable', name: value } : null;
}

function bind(nodes: readonly JinjaNode[], bound: Set<string>): void {
  for (const node of nodes) {
    const value = fieldOf(node, 'value');
    if (node.type === 'Identifier' && typeof value === 'string') bound.add(value);
    else if (node.type === 'TupleLiteral') bind(childrenOf(node, 'value'), bound);
  }
}

function childrenOf(node: JinjaNode, field: string): JinjaNode[] {
  const value = fieldOf(node, field);
  if (Array.isArray(value)) return value.filter(isNode);
  return isNode(value) ? [value] : [];
}

function fieldOf(node: JinjaNode, field: string): unknown {
  return Object.hasOwn(node, field) ? (node as unknown as Record<string, unknown>)[field] : undefined;
}

function isNode(value: unknown): value is JinjaNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

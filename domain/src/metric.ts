import type { MetricSpec } from '@whetstone/contract';
import { type MetricFormula, type MetricNode, type MetricTerm, parseMetric } from './metric-text.ts';

/** A term's value of one unit; null: nothing was said or measured. */
export type TermValues = (key: string) => number | null;
/** Limits of what a term can be; null: unknown. An infinite end is none. */
export type TermRange = (term: MetricTerm) => readonly [number, number] | null;

/**
 * One unit's value of a metric; null where it has none, and it is left out and counted.
 *
 * `zero` stands for what nobody said of an option, of an edit or of an error: compared is what was assigned. A number that nobody
 * gave (a rating, a cost, a latency) is never 0. With `drop`, a unit without any judgment that the metric names has no value.
 */
export function valueOfUnit(formula: MetricFormula, spec: Pick<MetricSpec, 'missing' | 'cap'>, values: TermValues): number | null {
  const judged = [...formula.terms].filter(([, term]) => isSaid(term));
  if (spec.missing === 'drop' && judged.length > 0 && judged.every(([key]) => values(key) === null)) return null;
  const value = evaluateMetric(formula.node, (key) => {
    const found = values(key);
    if (found !== null) return found;
    return countsZero(formula.terms.get(key)!) && (spec.missing === 'zero' || judged.length > 1) ? 0 : null;
  });
  if (value === null) return null;
  return spec.cap == null ? value : Math.min(value, spec.cap);
}

/** Null where a term is, at a division by zero, and where a number grows past all bounds. */
export function evaluateMetric(node: MetricNode, values: TermValues): number | null {
  switch (node.type) {
    case 'number':
      return node.value;
    case 'term':
      return values(node.key);
    case 'negative': {
      const of = evaluateMetric(node.of, values);
      return of === null ? null : finite(-of);
    }
    case 'function': {
      const of = node.of.map((each) => evaluateMetric(each, values));
      return of.includes(null) ? null : Math[node.name](...(of as number[]));
    }
    case 'operation': {
      const [left, right] = [evaluateMetric(node.left, values), evaluateMetric(node.right, values)];
      return left === null || right === null ? null : finite(operate(node.by, left, right));
    }
  }
}

/** The limits between which the metric of a unit lies, by the limits of its terms; an end that is not known is infinite. */
export function metricRange(formula: MetricFormula, spec: Pick<MetricSpec, 'per_unit' | 'cap'>, rangeOf: TermRange): [number, number] {
  const [low, high] = range(formula.node, (key) => {
    const [from, to] = rangeOf(formula.terms.get(key)!) ?? [-Infinity, Infinity];
    if (spec.per_unit !== 'sum') return [from, to];
    return [from < 0 ? -Infinity : 0, to > 0 ? Infinity : 0];
  });
  return spec.cap == null ? [low, high] : [Math.min(low, spec.cap), Math.min(high, spec.cap)];
}

/** What terms can be whatever the evaluator: options hold or not, amounts edited are shares, what is counted is not below 0. */
export function knownRange(term: MetricTerm): [number, number] | null {
  if (term.type === 'judgment') return term.option === null ? null : [0, 1];
  return term.measure === 'error' || term.measure === 'edited' || term.measure === 'kept' ? [0, 1] : [0, Infinity];
}

/** A unit does or does not: one option or error, whether it ever held. */
export function isYesOrNo({ node, terms }: MetricFormula, { per_unit, cap }: Pick<MetricSpec, 'per_unit' | 'cap'>): boolean {
  if (node.type !== 'term' || per_unit !== 'any' || (cap != null && cap < 1)) return false;
  const term = terms.get(node.key)!;
  return term.type === 'measure' ? term.measure === 'error' : term.option !== null;
}

/** In what the metric is shown: `%` (times 100) of shares, `USD`, `ms`, `tokens`, else nothing. */
export function metricUnit(formula: MetricFormula, spec: Pick<MetricSpec, 'per_unit' | 'cap'>): '%' | 'USD' | 'ms' | 'tokens' | '' {
  const units = new Set(
    [...formula.terms.values()].map((term) => (term.type === 'measure' ? unitOfMeasure[term.measure] : shareUnit(term))),
  );
  const [unit] = units;
  if (units.size !== 1 || unit === undefined || !isLinear(formula.node)) return '';
  return unit === '%' && spec.per_unit === 'sum' ? '' : unit;
}

/** Evaluators that the metric asks for, by path. */
export function evaluatorsOf({ terms }: MetricFormula): string[] {
  const paths = [...terms.values()].map((term) => (term.type === 'judgment' ? term.path : isSaid(term) ? 'feedback/correction' : null));
  return [...new Set(paths.filter((path) => path !== null))];
}

/** @throws RangeError with the place of what is wrong */
export function readMetric(text: string): MetricFormula {
  const parsed = parseMetric(text);
  if (!parsed.ok) throw new RangeError(`${parsed.error.message} (at character ${parsed.error.position + 1})`);
  return { node: parsed.node, terms: parsed.terms };
}

/** Somebody has to say it: an evaluator or a person. */
function isSaid(term: MetricTerm): boolean {
  return term.type === 'judgment' || term.measure === 'edited' || term.measure === 'kept';
}

function countsZero(term: MetricTerm): boolean {
  return term.type === 'judgment' ? term.option !== null : term.measure === 'error' || term.measure === 'edited';
}

const unitOfMeasure = { cost: 'USD', latency: 'ms', tokens: 'tokens', error: '%', edited: '%', kept: '%' } as const;

function shareUnit(term: MetricTerm & { type: 'judgment' }): '%' | '' {
  return term.option === null ? '' : '%';
}

/** Sums of terms times numbers have the terms' unit. */
function isLinear(node: MetricNode): boolean {
  if (node.type === 'operation') {
    if (node.by === '*') return isLinear(node.left) && isLinear(node.right) && (isConstant(node.left) || isConstant(node.right));
    if (node.by === '/') return isLinear(node.left) && isConstant(node.right);
    return isLinear(node.left) && isLinear(node.right);
  }
  if (node.type === 'function') return node.of.every(isLinear);
  return node.type === 'negative' ? isLinear(node.of) : true;
}

function isConstant(node: MetricNode): boolean {
  if (node.type === 'operation') return isConstant(node.left) && isConstant(node.right);
  if (node.type === 'function') return node.of.every(isConstant);
  return node.type === 'negative' ? isConstant(node.of) : node.type === 'number';
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value + 0 : null);

function operate(by: '+' | '-' | '*' | '/', left: number, right: number): number {
  if (by === '+') return left + right;
  if (by === '-') return left - right;
  return by === '*' ? left * right : left / right;
}

type Range = readonly [number, number];

function range(node: MetricNode, rangeOf: (key: string) => Range): Range {
  switch (node.type) {
    case 'number':
      return [node.value, node.value];
    case 'term':
      return rangeOf(node.key);
    case 'negative': {
      const [from, to] = range(node.of, rangeOf);
      return [-to, -from];
    }
    case 'function': {
      const of = node.of.map((each) => range(each, rangeOf));
      return [Math[node.name](...of.map(([from]) => from)), Math[node.name](...of.map(([, to]) => to))];
    }
    case 'operation':
      return rangeOfOperation(node.by, range(node.left, rangeOf), range(node.right, rangeOf));
  }
}

function rangeOfOperation(by: '+' | '-' | '*' | '/', [a, b]: Range, [c, d]: Range): Range {
  if (by === '+') return [a + c, b + d];
  if (by === '-') return [a - d, b - c];
  if (by === '/' && c <= 0 && d >= 0) return [-Infinity, Infinity];
  // 0 times what has no end is 0: the end is never reached.
  const of = [a, b].flatMap((x) => [c, d].map((y) => (by === '*' ? (x === 0 || y === 0 ? 0 : x * y) : Number.isFinite(y) ? x / y : 0)));
  return of.some(Number.isNaN) ? [-Infinity, Infinity] : [Math.min(...of), Math.max(...of)];
}

import type { OtelRule } from '@whetstone/contract';
import { textOf } from './attributes.ts';
import type { Span, Value } from './wire/span.ts';

/** The path that the first matching rule gives a span of this kind; null when none matches. */
export function pathByRules(rules: readonly OtelRule[], span: Span, kind: OtelRule['kind']): string | null {
  for (const rule of rules) {
    if (rule.kind != null && rule.kind !== kind) continue;
    if (!rule.when.every((condition) => holds(condition, attributeOf(span, condition.attribute)))) continue;
    return fillIn(rule.path, span);
  }
  return null;
}

function holds({ is, value }: OtelRule['when'][number], found: Value | undefined): boolean {
  if (found === undefined || found === null) return false;
  const text = textOf(found);
  if (is === 'present') return true;
  if (is === 'equal') return text === value;
  return is === 'starting' ? text.startsWith(value ?? '') : text.includes(value ?? '');
}

/** `{service.name}` in a path is the span's own. A slash in it makes no directory. */
function fillIn(path: string, span: Span): string {
  return path.replace(/\{([^{}]+)\}/g, (_whole, name: string) => textOf(attributeOf(span, name)).replaceAll('/', '-') || 'none');
}

/** An attribute of the span or else of its resource, or one of the names that are no attributes. */
function attributeOf(span: Span, name: string): Value | undefined {
  if (name === 'span.name') return span.name;
  if (name === 'scope.name') return span.scope.name;
  return span.attributes.get(name) ?? span.resource.get(name);
}

import type { ToolFunction } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Code } from '../../../kit/code.tsx';
import { pretty } from '../../../parts/log/json.ts';

interface Parameter {
  name: string;
  type: string;
  required: boolean;
  about: string;
}

/** What a model sees of a function: its parameters as a table, with the schema itself a press away. */
export function Signature({ parameters }: { parameters: ToolFunction['parameters'] }): ReactNode {
  const list = parametersOf(parameters);
  return (
    <>
      {list.length === 0 ? (
        <p className="text-ink-3">No parameters.</p>
      ) : (
        <ul className="border-t border-line">
          {list.map(({ name, type, required, about }) => (
            <li
              key={name}
              className="grid gap-x-4 border-b border-line py-2 max-sm:grid-cols-[minmax(0,1fr)_auto] sm:grid-cols-[minmax(90px,180px)_150px_minmax(0,1fr)]"
            >
              <code className="wrap-anywhere text-accent-ink">{name}</code>
              <span className="num text-ink-3">
                {type}
                {!required && ', optional'}
              </span>
              <span className="text-ink-2 max-sm:col-span-2">{about}</span>
            </li>
          ))}
        </ul>
      )}
      {parameters && (
        <details className="mt-2">
          <summary className="text-meta text-ink-3 hover:text-ink">JSON Schema</summary>
          <Code text={pretty(parameters)} className="mt-2" />
        </details>
      )}
    </>
  );
}

function parametersOf(schema: unknown): Parameter[] {
  const { properties, required } = asObject(schema);
  const needed = new Set(Array.isArray(required) ? required : []);
  return Object.entries(asObject(properties)).map(([name, property]) => ({
    name,
    type: typeOf(property),
    required: needed.has(name),
    about: aboutOf(asObject(property)),
  }));
}

/** `string`, `integer[]`, `string or null`. */
function typeOf(property: unknown): string {
  const { type, items, enum: values, anyOf, oneOf } = asObject(property);
  const some = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : null;
  if (some !== null) return some.map(typeOf).join(' or ');
  if (Array.isArray(type)) return type.join(' or ');
  if (type === 'array') return `${typeOf(items)}[]`;
  if (typeof type === 'string') return type;
  return Array.isArray(values) ? 'one of' : 'anything';
}

function aboutOf({ description, enum: values }: Record<string, unknown>): string {
  const choice = Array.isArray(values) ? values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ') : '';
  return [typeof description === 'string' ? description : '', choice].filter((text) => text !== '').join(': ');
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

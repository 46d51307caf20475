import { type Endpoint, endpoints } from '@whetstone/contract';
import { z } from 'zod';
import type { Route } from '../src/client/route.ts';
import { routesOf } from '../src/client/route-table.ts';

/** `operations.d.ts` of the package: what each operation takes and gives as plain TypeScript, from the endpoint table. */

interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  items?: Schema | boolean;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
}

/** Names that `src/client/operations.ts` exports beside the operations. */
const exported = ['ChatMessage', 'PromptKernel', 'PromptResponse', 'ToolFunction', 'ToolKernel'];

export function operationsDeclaration(): string {
  const named = new Map<string, Schema>();
  const routes = routesOf<string>(endpoints);
  const operations = Object.entries<Endpoint>(endpoints).map(([name, endpoint]) => {
    const input = inputOf(endpoint, routes[name] as Route, named);
    const output = endpoint.output === null ? 'void' : typeOf(schemaOf(endpoint.output, 'output', named));
    const streams = endpoint.stream === true && /^ {4}stream\?:/m.test(input);
    return `  /** ${endpoint.summary}. */\n  '${name}': {\n    input: ${input};\n    output: ${output};\n    streams: ${String(streams)};\n  };`;
  });
  const interfaces = [...named].map(([name, schema]) => `export type ${name} = ${typeOf(schema)};`);
  const missing = exported
    .filter((name) => !named.has(name) && named.has(`${name}Input`))
    .map((name) => `export type ${name} = ${name}Input;`);
  return `// Made from the endpoint table of Whetstone.\n\n${[...interfaces, ...missing].join('\n\n')}\n\nexport interface Operations {\n${operations.join('\n')}\n}\n`;
}

function inputOf(endpoint: Endpoint, route: Route, named: Map<string, Schema>): string {
  const fields = new Map<string, string>();
  const add = (given: Endpoint['query']) => {
    if (given === undefined) return;
    const schema = resolved(schemaOf(given, 'input', named), named);
    for (const [key, value] of Object.entries(schema.properties ?? {}))
      fields.set(key, fieldOf(key, value, schema.required?.includes(key) === true));
  };
  if (route.body === 'fields') add(endpoint.body);
  add(endpoint.query);
  add(endpoint.params);
  if (route.body === 'whole' && endpoint.body !== undefined) fields.set('body', `body: ${typeOf(schemaOf(endpoint.body, 'input', named))}`);
  return fields.size === 0 ? 'Record<never, never>' : `{\n${[...fields.values()].map((field) => `    ${field};`).join('\n')}\n    }`;
}

/** JSON Schema of a Zod schema; what it names moves to `named`, under a name of its own when it differs as input. */
function schemaOf(given: z.ZodType, io: 'input' | 'output', named: Map<string, Schema>): Schema {
  const json = z.toJSONSchema(given, { target: 'draft-2020-12', io, unrepresentable: 'any' }) as Schema & {
    $defs?: Record<string, Schema>;
    id?: string;
  };
  const suffix = io === 'input' ? 'Input' : '';
  const { $defs, ...root } = json;
  for (const [name, schema] of Object.entries($defs ?? {})) named.set(name + suffix, relinked(schema, suffix));
  const linked = relinked(root, suffix) as Schema & { id?: string };
  if (typeof linked.id !== 'string' || linked.properties === undefined) return linked;
  named.set(linked.id + suffix, linked);
  return { $ref: `#/$defs/${linked.id}${suffix}` };
}

function relinked<T>(value: T, suffix: string): T;
function relinked(value: unknown, suffix: string): unknown {
  if (Array.isArray(value)) return value.map((item) => relinked(item, suffix));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' ? inner + suffix : relinked(inner, suffix),
    ]),
  );
}

function resolved(schema: Schema, named: Map<string, Schema>): Schema {
  return schema.$ref === undefined ? schema : (named.get(nameOf(schema.$ref)) ?? schema);
}

const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

function typeOf(schema: Schema | boolean): string {
  if (typeof schema === 'boolean') return 'unknown';
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined) return [...new Set(either.map((branch) => typeOf(branch)))].join(' | ');
  if (schema.allOf !== undefined) return schema.allOf.map((part) => `(${typeOf(part)})`).join(' & ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(' | ');
  return plain(schema);
}

function plain(schema: Schema): string {
  switch (schema.type) {
    case 'integer':
      return 'number';
    case 'array':
      return `(${typeOf(schema.items ?? true)})[]`;
    case 'object':
      return objectOf(schema);
    case undefined:
      return 'unknown';
    default:
      return schema.type as string;
  }
}

function objectOf({ properties, required, additionalProperties }: Schema): string {
  const fields = Object.entries(properties ?? {}).map(([key, value]) => fieldOf(key, value, required?.includes(key) === true));
  if (fields.length > 0) return `{ ${fields.join('; ')} }`;
  return `Record<string, ${typeOf(additionalProperties ?? true)}>`;
}

function fieldOf(key: string, value: Schema, required: boolean): string {
  const name = /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
  return required ? `${name}: ${typeOf(value)}` : `${name}?: ${typeOf(value)} | undefined`;
}

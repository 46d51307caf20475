/** Options of the library out of their JSON schema, as far as the library uses it. */

export interface OptionField {
  name: string;
  title: string;
  description: string;
  required: boolean;
  nullable: boolean;
  /** What it is when nothing is said. */
  start: unknown;
  types: readonly string[];
  choices: readonly string[];
  /** Items of a list. */
  ofTexts: boolean;
}
export type Control = 'flag' | 'one' | 'some' | 'lines' | 'number' | 'text' | 'json';

export function fieldsOfSchema(schema: Record<string, unknown>): OptionField[] {
  const required = list(schema['required']);
  return Object.entries(object(schema['properties'])).map(([name, given]) => {
    const property = object(given);
    const branches = [property, ...(Array.isArray(property['anyOf']) ? property['anyOf'].map(object) : [])];
    const types = branches.flatMap((branch) => [branch['type']].flat()).filter((type) => typeof type === 'string');
    const items = object(property['items']);
    return {
      name,
      title: titleOf(name),
      description: typeof property['description'] === 'string' ? property['description'] : '',
      required: required.includes(name),
      nullable: types.includes('null'),
      start: property['default'],
      types: types.filter((type) => type !== 'null'),
      choices: list(property['enum']).concat(list(items['enum'])),
      ofTexts: items['type'] === 'string',
    };
  });
}

export function controlOf({ types, choices, ofTexts }: OptionField): Control {
  if (types.includes('object')) return 'json';
  if (types.includes('array')) return choices.length > 0 ? 'some' : ofTexts ? 'lines' : 'json';
  if (choices.length > 0) return 'one';
  if (types.includes('boolean')) return 'flag';
  return types.includes('number') || types.includes('integer') ? 'number' : 'text';
}

/** `ignore_case` → Ignore case. */
function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const object = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

import { type House, key } from '../../test/house.ts';

export const path = '/v1/responses';
export const models = { openai: 'gpt-4o-mini', anthropic: 'claude-sonnet-4-5', google: 'gemini-2.5-flash' } as const;
export const weather = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather',
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

export function ask(input: unknown, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { model: models.openai, input, ...more };
}

export interface Item {
  id: string;
  type: string;
  status?: string;
  role?: string;
  name?: string;
  call_id?: string;
  arguments?: string;
  encrypted_content?: string;
  summary?: { text: string }[];
  content?: { type: string; text: string; logprobs?: unknown[] }[];
}
export interface Answer {
  id: string;
  object: string;
  status: string;
  model: string;
  output: Item[];
  usage: Record<string, unknown>;
  [key: string]: unknown;
}
export interface TypedEvent {
  type: string;
  sequence_number: number;
  output_index?: number;
  item_id?: string;
  item?: Item;
  delta?: string;
  text?: string;
  arguments?: string;
  response?: Answer;
}

/** The typed events of a stream; each has its type as the event's name too. */
export async function events(response: Response): Promise<TypedEvent[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => {
      const [name = '', data = ''] = event.split('\n');
      const parsed = JSON.parse(data.replace('data: ', '')) as TypedEvent;
      if (name !== `event: ${parsed.type}`) throw new Error(`The event ${name} has data of type ${parsed.type}.`);
      return parsed;
    });
}

export async function create(house: House, body: Record<string, unknown>): Promise<Answer> {
  const response = await house.request(path, body);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
  return JSON.parse(text) as Answer;
}

export function get(house: House, id: string, rest = ''): Promise<Response> {
  return fetch(`${house.url}${path}/${id}${rest}`, { headers: { authorization: `Bearer ${key}` } });
}

export function textOf(answer: Answer): string {
  return answer.output
    .flatMap(({ content }) => content ?? [])
    .map(({ text }) => text)
    .join('');
}

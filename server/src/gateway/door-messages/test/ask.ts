export const path = '/v1/messages';
export const models = { anthropic: 'claude-sonnet-4-5', openai: 'gpt-4o-mini', google: 'gemini-2.5-flash' } as const;
export const weather = {
  name: 'get_weather',
  description: 'The weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
export const ask = (content: unknown, more: Record<string, unknown> = {}) => ({
  model: models.anthropic,
  max_tokens: 100,
  messages: [{ role: 'user', content }],
  ...more,
});

export interface Message {
  type: string;
  id: string;
  role: string;
  content: { type: string; text?: string; thinking?: string; signature?: string; id?: string; name?: string; input?: unknown }[];
  stop_reason: string;
  usage: Record<string, number>;
}
export interface MessageEvent {
  type: string;
  index?: number;
  message?: Message;
  content_block?: Message['content'][number];
  delta?: { type?: string; text?: string; partial_json?: string; thinking?: string; stop_reason?: string };
  usage?: Record<string, number>;
}

export async function events(response: Response): Promise<MessageEvent[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => {
      const [name = '', data = ''] = event.split('\n');
      const parsed = JSON.parse(data.replace('data: ', '')) as MessageEvent;
      if (name !== `event: ${parsed.type}`) throw new Error(`The event ${name} has data of type ${parsed.type}.`);
      return parsed;
    });
}

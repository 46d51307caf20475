import OpenAI from 'openai';
import { apiKey, gateway, model, question, weather, whetstone } from '../setup.ts';

// A client of your own, to OpenAI or to the gateway: its calls are logged either way, and do what they did before.
const direct = process.env['OPENAI_API_KEY'] !== undefined;
const openai = whetstone.wrapOpenAI(direct ? new OpenAI() : new OpenAI({ apiKey, baseURL: gateway }));

// The prompt is made once. From then on people change it in the app, and this program gets what they deploy.
await whetstone.api.prompts.upsert({
  path: 'examples/support',
  model,
  temperature: 0.2,
  template: [
    { role: 'system', content: 'You are a friendly guide. Weather: {{weather}}' },
    { role: 'user', content: '{{question}}' },
  ],
});

const answer = whetstone.observe(
  async (asked: string) => {
    const report = await weather({ city: 'Paris' });
    const prompt = await whetstone.prompt('examples/support');
    const stream = await openai.chat.completions.create({ ...prompt.openai({ question: asked, weather: report }), stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    return { text, logId: whetstone.currentSpan()?.logId ?? '' };
  },
  { path: 'examples/plain', output: ({ text }) => text },
);

const { text, logId } = await answer(question);
console.log(text);
// Later, when the user presses a thumb:
whetstone.feedback(logId, { path: 'feedback/vote', judgment: 'good', user: 'u_1' });

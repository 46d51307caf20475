import { HumanMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { z } from 'zod';
import { apiKey, gateway, model, question, weather, whetstone } from '../setup.ts';

const weatherTool = tool(weather, { name: 'weather', description: 'The weather of a city', schema: z.object({ city: z.string() }) });

const answer = whetstone.observe(
  async (asked: string) => {
    const chat = new ChatOpenAI({ model, apiKey, configuration: { baseURL: gateway, defaultHeaders: whetstone.traceHeaders() } });
    const agent = chat.bindTools([weatherTool]);
    const asking = new HumanMessage(asked);
    const first = await agent.invoke([asking]);
    const results = await Promise.all((first.tool_calls ?? []).map((call) => weatherTool.invoke({ ...call, type: 'tool_call' as const })));
    const last = results.length === 0 ? first : await agent.invoke([asking, first, ...results]);
    return last.text;
  },
  { path: 'examples/langchain' },
);

console.log(await answer(question));

import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents';
import OpenAI from 'openai';
import { z } from 'zod';
import { apiKey, gateway, model, question, weather, whetstone } from '../setup.ts';

// Wrapped, so that its calls of the gateway become children of the flow. OpenAI's own tracing would send everything to OpenAI.
const openAIClient = whetstone.wrapOpenAI(new OpenAI({ apiKey, baseURL: gateway }));
const runner = new Runner({ modelProvider: new OpenAIProvider({ openAIClient }), tracingDisabled: true });

const guide = new Agent({
  name: 'Guide',
  instructions: 'You are a friendly guide.',
  model,
  tools: [tool({ name: 'weather', description: 'The weather of a city', parameters: z.object({ city: z.string() }), execute: weather })],
});

const answer = whetstone.observe(async (asked: string) => (await runner.run(guide, asked)).finalOutput ?? '', {
  path: 'examples/openai-agents',
});

console.log(await answer(question));

import { createOpenAI } from '@ai-sdk/openai';
import { generateText, isStepCount, tool } from 'ai';
import { z } from 'zod';
import { apiKey, gateway, model, question, weather, whetstone } from '../setup.ts';

const provider = createOpenAI({ apiKey, baseURL: gateway });

const answer = whetstone.observe(
  async (asked: string) => {
    const { text } = await generateText({
      model: provider.chat(model),
      prompt: asked,
      tools: { weather: tool({ description: 'The weather of a city', inputSchema: z.object({ city: z.string() }), execute: weather }) },
      stopWhen: isStepCount(4),
      // The gateway logs each step; this makes it a child of the flow.
      headers: whetstone.traceHeaders(),
    });
    return text;
  },
  { path: 'examples/vercel-ai-sdk' },
);

console.log(await answer(question));

import { openai } from '@llamaindex/openai';
import { apiKey, gateway, model, question, weather, whetstone } from '../setup.ts';

const pages = ['We deliver within three days.', 'Parcels are tracked from the first hour.', 'Returns are free for a month.'];

/** Stands for an index: the pages that share most words with the question. */
const retrieve = whetstone.observe(
  async (query: string) => {
    const words = new Set(query.toLowerCase().match(/\w{4,}/g));
    return pages.filter((page) =>
      page
        .toLowerCase()
        .split(/\W+/)
        .some((word) => words.has(word)),
    );
  },
  { path: 'examples/retrieve', type: 'tool' },
);

const answer = whetstone.observe(
  async (asked: string) => {
    const llm = openai({ model, apiKey, baseURL: gateway, additionalSessionOptions: { defaultHeaders: whetstone.traceHeaders() } });
    const found = [...(await retrieve(asked)), await weather({ city: 'Paris' })];
    const { message } = await llm.chat({
      messages: [
        { role: 'system', content: `Answer from these pages:\n${found.join('\n')}` },
        { role: 'user', content: asked },
      ],
    });
    return typeof message.content === 'string' ? message.content : '';
  },
  { path: 'examples/llamaindex' },
);

console.log(await answer(question));

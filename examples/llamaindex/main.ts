import { OpenAIEmbedding, openai } from '@llamaindex/openai';
import { Document, MetadataMode, Settings, VectorStoreIndex } from 'llamaindex';
import { apiKey, gateway, model, question, weather, whetstone } from '../setup.ts';

const pages = ['We deliver within three days.', 'Parcels are tracked from the first hour.', 'Returns are free for a month.'];

const answer = whetstone.observe(
  async (asked: string) => {
    // Made inside, so that embeddings and the call know their trace.
    const session = { apiKey, baseURL: gateway, additionalSessionOptions: { defaultHeaders: whetstone.traceHeaders() } };
    Settings.llm = openai({ model, ...session });
    Settings.embedModel = new OpenAIEmbedding({ model: embeddingModel, ...session });
    const index = await VectorStoreIndex.fromDocuments(pages.map((text) => new Document({ text })));
    const retrieve = whetstone.observe(
      async (query: string) => (await index.asRetriever({ similarityTopK: 2 }).retrieve(query)).map(textOf),
      {
        path: 'examples/retrieve',
        type: 'tool',
      },
    );
    const found = [...(await retrieve(asked)), await weather({ city: 'Paris' })];
    const { message } = await Settings.llm.chat({
      messages: [
        { role: 'system', content: `Answer from these pages:\n${found.join('\n')}` },
        { role: 'user', content: asked },
      ],
    });
    return typeof message.content === 'string' ? message.content : '';
  },
  { path: 'examples/llamaindex' },
);

const embeddingModel = process.env['EMBEDDING_MODEL'] ?? 'demo-embedding';

function textOf({ node }: { node: { getContent(mode: MetadataMode): string } }): string {
  return node.getContent(MetadataMode.NONE);
}

console.log(await answer(question));

import type { AnyObject } from '@whetstone/contract';
import { getOwn } from '@whetstone/domain';
import { countOf, requiredSetting, textInput } from '../inputs.ts';
import { missingSecret, type Service } from '../secrets.ts';
import type { ToolKind } from './kind.ts';

const service: Service = { provider: 'google_search', variable: 'GOOGLE_API_KEY', hosts: ['googleapis.com'] };
const address = 'https://www.googleapis.com/customsearch/v1';

/** Google's Custom Search JSON API: input `query`; `setup_values`: `cx` (the search engine), `num` (1 to 10). */
export const google: ToolKind = {
  type: 'google',
  runs: true,
  origin: () => new URL(address).origin,
  call: async (run) => {
    const query = textInput(run.inputs, 'query');
    const cx = requiredSetting(run.setup, 'the id of the search engine', 'cx', 'search_engine_id');
    const num = countOf(run, ['num', 'top_k'], { usual: 5, most: 10 });
    const urlOf = (baseUrl: string | null): string => baseUrl ?? address;
    const found = await run.secrets.service(run.setup, service, urlOf);
    if (found === null) throw missingSecret(service, 'Google search');
    const url = new URL(urlOf(found.baseUrl));
    url.search = new URLSearchParams({ key: found.secret, cx, q: query, num: String(num) }).toString();
    const answer = (await run.send({ url: url.href, privateAllowed: found.privateAllowed })).object();
    const items = getOwn(answer, 'items');
    return JSON.stringify(Array.isArray(items) ? items.map(resultOf) : []);
  },
};

function resultOf(item: unknown): AnyObject {
  const text = (name: string): unknown => getOwn(item, name) ?? null;
  return { title: text('title'), link: text('link'), snippet: text('snippet') };
}

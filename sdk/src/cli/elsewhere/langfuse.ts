import { setTimeout as sleep } from 'node:timers/promises';
import { asError, WhetstoneError } from '../../client/errors.ts';
import { UsageError } from '../usage.ts';
import type { Elsewhere, Problem } from './index.ts';

/** The API of Langfuse: https://api.reference.langfuse.com, prompts, datasets and dataset items. */

const pageSize = 50;
const mostTries = 6;
const longestWaitMs = 60_000;

interface Page<Record> {
  data: Record[];
  meta: { page: number; totalPages: number };
}
type Get = <T>(path: string) => Promise<T>;

export const langfuse: Elsewhere = {
  async *files(url, environment, problem) {
    const { LANGFUSE_PUBLIC_KEY: id, LANGFUSE_SECRET_KEY: secret } = environment;
    if (!id || !secret) throw new UsageError('Put the project’s keys into LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY.');
    const get = asking(url.replace(/\/+$/, ''), `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`);
    yield* promptFiles(get, problem);
    yield* datasetFiles(get, problem);
  },
};

async function* promptFiles(get: Get, problem: (problem: Problem) => void) {
  let count = 0;
  for await (const { name, versions } of pages<{ name: string; versions: number[] }>(get, '/api/public/v2/prompts')) {
    for (const version of versions) {
      const path = `/api/public/v2/prompts/${encodeURIComponent(name)}?version=${version}`;
      const text = await answerOr(problem, `prompt ${name} version ${version}`, path, get);
      if (text !== null) yield { path: `langfuse/prompts/${(count += 1)}.json`, text };
    }
  }
}

async function* datasetFiles(get: Get, problem: (problem: Problem) => void) {
  let count = 0;
  for await (const dataset of pages<{ name: string }>(get, '/api/public/v2/datasets')) {
    count += 1;
    yield { path: `langfuse/datasets/${count}.json`, text: JSON.stringify(dataset) };
    const lines: string[] = [];
    try {
      for await (const item of pages<object>(get, '/api/public/dataset-items', { datasetName: dataset.name }))
        lines.push(JSON.stringify(item));
    } catch (error) {
      if (!(error instanceof WhetstoneError)) throw error;
      problem({ where: dataset.name, what: 'items', why: error.message });
    }
    if (lines.length > 0) yield { path: `langfuse/items/${count}.jsonl`, text: `${lines.join('\n')}\n` };
  }
}

async function answerOr(problem: (problem: Problem) => void, what: string, path: string, get: Get): Promise<string | null> {
  try {
    return JSON.stringify(await get<unknown>(path));
  } catch (error) {
    if (!(error instanceof WhetstoneError)) throw error;
    problem({ where: path, what, why: error.message });
    return null;
  }
}

async function* pages<Record>(get: Get, path: string, query: { [name: string]: string } = {}): AsyncGenerator<Record> {
  for (let page = 1; ; page += 1) {
    const asked = new URLSearchParams({ ...query, page: String(page), limit: String(pageSize) });
    const { data, meta } = await get<Page<Record>>(`${path}?${asked.toString()}`);
    yield* data;
    if (data.length === 0 || page >= (meta.totalPages ?? page)) return;
  }
}

/** Waits when it is told that it asks too often; a server that is down for a moment is asked again. */
function asking(base: string, authorization: string): Get {
  return async <T>(path: string): Promise<T> => {
    for (let tries = 1; ; tries += 1) {
      let response: Response;
      try {
        response = await fetch(`${base}${path}`, { headers: { authorization, accept: 'application/json' } });
      } catch (error) {
        throw new WhetstoneError(0, `Langfuse at ${base} cannot be reached: ${asError(error).message}.`, { cause: error });
      }
      if (response.ok) return (await response.json()) as T;
      const text = (await response.text()).slice(0, 200);
      const passes = response.status === 429 || response.status >= 500;
      if (!passes || tries === mostTries) {
        if (response.status === 401 || response.status === 403)
          throw new UsageError(`Langfuse at ${base} does not take these keys (${response.status}): ${text}`);
        throw new WhetstoneError(response.status, `Langfuse answers ${response.status}: ${text}`);
      }
      const told = Number(response.headers.get('retry-after')) * 1000;
      await sleep(Math.min(told > 0 ? told : 250 * 2 ** tries, longestWaitMs));
    }
  };
}

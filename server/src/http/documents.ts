import { AppError, type Endpoint, endpoints } from '@whetstone/contract';
import type { FastifyInstance } from 'fastify';
import type { Documents } from './document-pages.ts';
import { openApiDocument } from './openapi.ts';

const version = '0.1.0';

/** `/openapi.json`, `/docs`, `/docs/PAGE.md` and `/llms.txt`: what can be called and how it works, for machines and people. */
export function registerDocuments(server: FastifyInstance, pages: Documents): void {
  let openApi: string | null = null;
  server.get('/openapi.json', async (_request, reply) => {
    openApi ??= JSON.stringify(openApiDocument(version));
    return reply.type('application/json').send(openApi);
  });
  server.get('/docs', async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
      .send(docsPage(pages)),
  );
  server.get('/docs/*', async (request, reply) => {
    const name = (request.params as { '*': string })['*'];
    const page = pages.get(name);
    if (page === undefined) throw new AppError('not_found', `There is no page \`${name}\`. The pages are listed at /docs and /llms.txt.`);
    return reply.type('text/markdown; charset=utf-8').header('x-content-type-options', 'nosniff').send(page.text);
  });
  server.get('/llms.txt', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(llmsText(pages)));
}

function byTag(): Map<string, [string, Endpoint][]> {
  const tags = new Map<string, [string, Endpoint][]>();
  for (const entry of Object.entries(endpoints) as [string, Endpoint][]) tags.set(entry[1].tag, [...(tags.get(entry[1].tag) ?? []), entry]);
  return tags;
}

function llmsText(pages: Documents): string {
  const guides = [...pages]
    .filter(([, { about }]) => about !== '')
    .map(([name, { title, about }]) => `- [${title}](/docs/${name}): ${about}`);
  const sections = [...byTag()].map(
    ([tag, list]) => `## ${tag}\n\n${list.map(([, e]) => `- ${e.method} /v5${e.path}: ${e.summary}`).join('\n')}`,
  );
  return `# Whetstone\n\n> A self-hosted prompt manager, gateway and log store for LLM applications. API key in X-API-KEY; gateway in OpenAI's and Anthropic's shapes at /v1; schemas at /openapi.json; Model Context Protocol at /mcp with the same key.\n\n## Guides\n\n${guides.join('\n')}\n\n${sections.join('\n\n')}\n`;
}

function docsPage(pages: Documents): string {
  const guides = [...pages]
    .filter(([, { about }]) => about !== '')
    .map(([name, { title, about }]) => `<tr><td><a href="/docs/${name}">${escapeHtml(title)}</a></td><td>${escapeHtml(about)}</td></tr>`)
    .join('');
  const rows = [...byTag()].map(
    ([tag, list]) =>
      `<h2>${tag}</h2><table>${list.map(([, e]) => `<tr><td><code>${e.method}</code></td><td><code>/v5${e.path}</code></td><td>${escapeHtml(e.summary)}</td></tr>`).join('')}</table>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Whetstone API</title><style>
body{font:14px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
table{border-collapse:collapse;width:100%}td{padding:.25rem .75rem .25rem 0;vertical-align:top;border-top:1px solid #8883}code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}h2{margin-top:2rem;text-transform:capitalize}
</style><h1>Whetstone API</h1><p>Send an API key in <code>X-API-KEY</code> or <code>Authorization: Bearer</code>. Schemas: <a href="/openapi.json">openapi.json</a>. The gateway speaks OpenAI's and Anthropic's shapes at <code>/v1</code>.</p><h2>Guides</h2><table>${guides}</table>${rows.join('')}</html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import tailwindcss from '@tailwindcss/vite';
import { endpoints } from '@whetstone/contract';
import { defineConfig, type Plugin } from 'vite';

/**
 * The browser needs a method and a path of each endpoint, not the schemas that validate it: they are
 * taken from the endpoint table while building, and the types from the same table by `api/client.ts`.
 */
function endpointRoutes(): Plugin {
  const id = 'virtual:whetstone-routes';
  const routes = Object.fromEntries(Object.entries(endpoints).map(([name, { method, path }]) => [name, `${method} ${path}`]));
  return {
    name: 'whetstone-routes',
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load: (source) => (source === `\0${id}` ? `export const routes = ${JSON.stringify(routes)};` : null),
  };
}

/** Assets also in the forms that browsers take over the wire, so that the server compresses nothing while it serves. */
function compressed(): Plugin {
  return {
    name: 'whetstone-compressed',
    apply: 'build',
    // Only what was written is final: chunks are still changed while the bundle is generated.
    writeBundle({ dir = 'dist' }, bundle) {
      for (const fileName of Object.keys(bundle)) {
        if (!/\.(?:js|css)$/.test(fileName)) continue;
        const path = join(dir, fileName);
        const text = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(text));
        writeFileSync(`${path}.br`, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
      }
    },
  };
}

const api = process.env.WHETSTONE_DEV_API ?? 'http://127.0.0.1:4400';

export default defineConfig({
  plugins: [react(), tailwindcss(), endpointRoutes(), compressed()],
  build: {
    outDir: 'dist',
    target: 'es2023',
    cssTarget: ['chrome125', 'firefox128', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { host: '127.0.0.1', proxy: { '/v5': api, '/v1': api, '/api': api } },
});

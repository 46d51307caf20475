import { createWriteStream, lstatSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { asError, errorOf, WhetstoneError } from '../../client/errors.ts';
import type { Output } from '../report.ts';
import { BrokenZipError, entriesOf } from '../unzip.ts';
import { UsageError } from '../usage.ts';

export const exportUsage = `whetstone export: a whole workspace into a directory

  whetstone export DIR       files, versions, deployments, datasets, logs, judgments, evaluations and settings

The layout is that of Humanloop's export tool, with whetstone/ beside it for what that has no place for.
\`whetstone import humanloop DIR\` takes it back. Secrets are never in it: whetstone/reenter.json lists what has to be
entered again. Exit status: 0 everything is there, 1 it is not, 2 the words of the call are off.

      --force                into a directory that has something in it: its files/ and whetstone/ are replaced
      --url URL              the server (http://127.0.0.1:4400, or WHETSTONE_BASE_URL)
      --api-key KEY          an admin's; better in WHETSTONE_API_KEY
`;

const progressMs = 500;

/** @returns the exit status */
export async function exportTo(args: readonly string[], environment: Record<string, string | undefined>, output: Output): Promise<number> {
  const { values, positionals } = read(args);
  const [directory] = positionals;
  if (directory === undefined || positionals.length > 1) throw new UsageError(exportUsage);
  const apiKey = values['api-key'] ?? environment['WHETSTONE_API_KEY'];
  if (!apiKey) throw new UsageError('Put an admin’s API key into WHETSTONE_API_KEY. Keys are made under Settings, API keys.');
  const baseUrl = (values.url ?? environment['WHETSTONE_BASE_URL'] ?? 'http://127.0.0.1:4400').replace(/\/(?:v5\/?)?$/, '');
  refuseFull(directory, values.force ?? false);
  const response = await ask(`${baseUrl}/v5/exports/humanloop`, apiKey);
  const folder = prepared(directory, values.force ?? false);
  const total = Number(response.headers.get('x-whetstone-files') ?? 0);
  const done = await unpack(response.body as unknown as AsyncIterable<Uint8Array>, folder, (files, bytes) =>
    output.err(`  ${files.toLocaleString('en')} of ${total.toLocaleString('en')} files, ${sizeOf(bytes)}`),
  );
  if (done.files < total) throw new WhetstoneError(0, `Only ${done.files} of ${total} files came. Export again.`);
  output.out(`Exported ${done.files.toLocaleString('en')} files of the workspace to ${directory} (${sizeOf(done.bytes)})`);
  output.out('Secrets are not in it: whetstone/reenter.json lists what has to be entered again elsewhere.');
  return 0;
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { force: { type: 'boolean' }, url: { type: 'string' }, 'api-key': { type: 'string' } },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message.split('. ')[0] : 'The options cannot be read'}.\n\n${exportUsage}`);
  }
}

function refuseFull(directory: string, force: boolean): void {
  const there = lstatSync(directory, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isDirectory()) throw new UsageError(`\`${directory}\` is no directory.`);
  if (!force && readdirSync(directory).length > 0)
    throw new UsageError(`\`${directory}\` is not empty. Name another directory, or add --force to replace the export in it.`);
}

/** Only what an export makes goes, so that nothing of an older one stays between. @returns the real path */
function prepared(directory: string, force: boolean): string {
  mkdirSync(directory, { recursive: true });
  if (force) for (const name of ['files', 'whetstone']) rmSync(join(directory, name), { recursive: true, force: true });
  return realpathSync(directory);
}

async function ask(url: string, apiKey: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { 'x-api-key': apiKey } });
  } catch (error) {
    throw new WhetstoneError(0, `The server at ${new URL(url).origin} cannot be reached: ${asError(error).message}.`, { cause: error });
  }
  if (!response.ok || response.body === null) throw await errorOf(response);
  return response;
}

async function unpack(
  body: AsyncIterable<Uint8Array>,
  folder: string,
  tell: (files: number, bytes: number) => void,
): Promise<{ files: number; bytes: number }> {
  let files = 0;
  let bytes = 0;
  let toldAt = performance.now();
  try {
    for await (const { path, content } of entriesOf(body)) {
      const target = placeOf(folder, path);
      const counted = async function* () {
        for await (const part of content) {
          bytes += part.length;
          yield part;
          if (performance.now() - toldAt < progressMs) continue;
          toldAt = performance.now();
          tell(files, bytes);
        }
      };
      // `wx`: nothing is written through a link, nor twice.
      await pipeline(Readable.from(counted()), createWriteStream(target, { flags: 'wx' }));
      if (/^files\/[^/]+\/\.done$/.test(path)) files += 1;
    }
  } catch (error) {
    if (error instanceof WhetstoneError) throw error;
    const why = error instanceof BrokenZipError ? error.message : `The export ended early: ${asError(error).message}.`;
    throw new WhetstoneError(0, `${why} What came is in the directory and is not whole; export again with --force.`, { cause: error });
  }
  return { files, bytes };
}

/** Inside the directory, whatever the name of the entry says. */
function placeOf(folder: string, path: string): string {
  const segments = path.split('/');
  const odd = segments.some((segment) => segment === '' || segment === '.' || segment === '..' || /[\\\0]/.test(segment));
  if (odd || /^[a-z]:/i.test(path)) throw new WhetstoneError(0, `The export names a file \`${path}\`, which is outside of the directory.`);
  const target = join(folder, ...segments);
  mkdirSync(dirname(target), { recursive: true });
  if (!`${realpathSync(dirname(target))}${sep}`.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`))
    throw new WhetstoneError(0, `\`${path}\` would be written outside of the directory: a link leads there.`);
  return target;
}

function sizeOf(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;
}

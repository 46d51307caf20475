import { createReadStream, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { type ImportEvent, type ImportReport, importSources, type ImportSource } from '@whetstone/contract';
import { ZipFile } from 'yazl';
import { asError, errorOf, WhetstoneError } from '../../client/errors.ts';
import { elsewhere, type Problem } from '../elsewhere/index.ts';
import type { Output } from '../report.ts';
import { UsageError } from '../usage.ts';

export const importUsage = `whetstone import: what you have elsewhere, into a workspace

  whetstone import humanloop DIR     the directory that Humanloop's export tool wrote
  whetstone import openai PATH       evals, their runs and stored prompts as JSON; a registry of openai/evals
  whetstone import promptfoo PATH    the directory of a promptfooconfig.yaml, or that file alone
  whetstone import langfuse PATH     answers of Langfuse's public API as JSON or JSON lines
  whetstone import langfuse URL      asks Langfuse itself, with LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY

What is there already stays, and it may be done again. Exit status: 0 everything was carried, 1 something was not (the
report says what and why), 2 the words of the call are off.

      --to DIRECTORY         of the workspace, under which all of it is put (not for humanloop, whose files have paths)
      --new-ids              other ids for what came into another workspace of the same server before (humanloop)
  -n, --dry-run              read everything, say what would come, change nothing
      --url URL              the server (http://127.0.0.1:4400, or WHETSTONE_BASE_URL)
      --api-key KEY          an admin's; better in WHETSTONE_API_KEY
`;

/** @returns the exit status */
export async function importFrom(
  args: readonly string[],
  environment: Record<string, string | undefined>,
  output: Output,
): Promise<number> {
  const { values, positionals } = read(args);
  const [name, path] = positionals;
  const source = importSources.find((each) => each === name);
  if (source === undefined || path === undefined || positionals.length > 2) throw new UsageError(importUsage);
  const apiKey = values['api-key'] ?? environment['WHETSTONE_API_KEY'];
  if (!apiKey) throw new UsageError('Put an admin’s API key into WHETSTONE_API_KEY. Keys are made under Settings, API keys.');
  const baseUrl = (values.url ?? environment['WHETSTONE_BASE_URL'] ?? 'http://127.0.0.1:4400').replace(/\/(?:v5\/?)?$/, '');
  const dryRun = values['dry-run'] ?? false;
  const { body, leftOut } = /^https?:\/\//.test(path) ? await fetched(source, path, environment) : packed(path);
  const query = new URLSearchParams({
    dry_run: String(dryRun),
    ...(values.to === undefined ? {} : { to: values.to }),
    ...(values['new-ids'] === true ? { new_ids: 'true' } : {}),
  });
  const report = await send(`${baseUrl}/v5/imports/${source}?${query.toString()}`, apiKey, body, output);
  report.problems.unshift(...leftOut);
  tell(report, dryRun, output);
  return report.problems.length === 0 ? 0 : 1;
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'dry-run': { type: 'boolean', short: 'n' },
        to: { type: 'string' },
        'new-ids': { type: 'boolean' },
        url: { type: 'string' },
        'api-key': { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message.split('. ')[0] : 'The options cannot be read'}.\n\n${importUsage}`);
  }
}

interface Packed {
  body: Readable;
  /** What of it is not sent. */
  leftOut: Problem[];
}

/** What the product itself answers. */
async function fetched(source: ImportSource, url: string, environment: Record<string, string | undefined>): Promise<Packed> {
  const product = elsewhere[source];
  if (product === undefined) throw new UsageError(`Exports of ${source} are read from a directory, not from an address.`);
  const zip = new ZipFile();
  const leftOut: Problem[] = [];
  for await (const { path, text } of product.files(url, environment, (problem) => leftOut.push(problem)))
    zip.addBuffer(Buffer.from(text), path);
  zip.end();
  return { body: zip.outputStream as Readable, leftOut };
}

/** Found beside what people wrote, and none of it. */
const notTheirs = new Set(['.git', 'node_modules']);

/** A directory, or one file, as a ZIP file that is made while it is sent; one that is there already as it is. */
function packed(directory: string): Packed {
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`There is no directory or file \`${directory}\`.`);
  if (found.isFile() && /\.zip$/i.test(directory)) return { body: createReadStream(directory), leftOut: [] };
  const zip = new ZipFile();
  const leftOut: Problem[] = [];
  if (found.isFile()) {
    zip.addFile(directory, basename(directory));
    zip.end();
    return { body: zip.outputStream as Readable, leftOut };
  }
  const add = (below: string): void => {
    for (const entry of readdirSync(join(directory, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!notTheirs.has(entry.name)) add(path);
      } else if (entry.isFile()) zip.addFile(join(directory, path), `${basename(resolve(directory))}/${path}`);
      // Where it leads may be anywhere.
      else leftOut.push({ where: path, what: 'file', why: entry.isSymbolicLink() ? 'It is a link.' : 'It is no file.' });
    }
  };
  add('');
  zip.end();
  return { body: zip.outputStream as Readable, leftOut };
}

async function send(url: string, apiKey: string, body: Readable, output: Output): Promise<ImportReport> {
  const request = {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/zip' },
    body: Readable.toWeb(body) as ReadableStream,
    duplex: 'half',
  };
  let response: Response;
  try {
    response = await fetch(url, request as RequestInit);
  } catch (error) {
    throw new WhetstoneError(0, `The server at ${new URL(url).origin} cannot be reached: ${asError(error).message}.`, { cause: error });
  }
  if (!response.ok || response.body === null) throw await errorOf(response);
  let rest = '';
  for await (const part of response.body.pipeThrough(new TextDecoderStream() as never) as unknown as AsyncIterable<string>) {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line) as ImportEvent;
      if (event.type === 'report') return event.report;
      if (event.type === 'error') throw new WhetstoneError(500, event.message);
      output.err(
        `  ${event.step}: ${event.done.toLocaleString('en')}${event.total === null ? '' : ` of ${event.total.toLocaleString('en')}`}`,
      );
    }
  }
  throw new WhetstoneError(0, 'The answer of the server ended before its report.');
}

/** Where a person enters again what no export has. */
const reentered: Record<keyof ImportReport['reenter'], string> = {
  providers: 'To be entered again: keys of NAMES (Settings, Model credentials)',
  credentials: 'To be entered again: the credentials NAMES (Settings, Model credentials)',
  keys: 'To be made again: the API keys NAMES (Settings, API keys)',
  variables: 'To be entered again: the environment variables of tools NAMES (the page of the tool)',
  webhooks: 'To be seen to: the webhooks NAMES; those that came have a new signing secret (Settings, Webhooks)',
  people: 'To be invited: NAMES (Settings, People)',
};

function tell(report: ImportReport, dryRun: boolean, output: Output): void {
  output.out(dryRun ? 'Found (a dry run: nothing was changed)' : 'Imported');
  for (const [what, { found, carried }] of Object.entries(report.counts)) {
    if (found === 0 && carried === 0) continue;
    output.out(
      `  ${what.padEnd(14)}${dryRun ? found.toLocaleString('en') : `${carried.toLocaleString('en')} of ${found.toLocaleString('en')}`}`,
    );
  }
  for (const [what, place] of Object.entries(reentered)) {
    const names = report.reenter[what as keyof typeof reentered];
    if (names.length > 0) output.out(place.replace('NAMES', names.join(', ')));
  }
  if (report.problems.length === 0) return;
  output.out('Not carried, or not as it was:');
  for (const { where, what, why } of report.problems) output.out(`  ${where}: ${what}: ${why}`);
  if (report.more > 0) output.out(`  and ${report.more} more`);
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import {
  type Endpoint,
  endpoints,
  gatewayHeaders,
  gatewayOperations,
  type Permission,
  type Role,
  roleMay,
  roles,
} from '@whetstone/contract';
import { logFilterFields, parsePromptFile } from '@whetstone/domain';
import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { variables } from './config.ts';
import { providers, variablesOf } from './gateway/providers/table.ts';

const root = resolve(import.meta.dirname, '../..');
const skipped = new Set(['node_modules', '.git', 'dist', 'data', 'results']);

function filesBelow(folder: string, wanted: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(path, wanted);
    return wanted.test(entry.name) ? [path] : [];
  });
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const documents = filesBelow(root, /\.md$/).map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }));
const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');

/** Cells of every row of every table. */
function rows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

function between(text: string, marker: string): string {
  const start = text.indexOf(`<!-- ${marker} -->`);
  const end = text.indexOf(`<!-- /${marker} -->`);
  if (start < 0 || end < start) throw new Error(`The markers of ${marker} are missing.`);
  return text.slice(start, end);
}

const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;

/** Anchors that a page's headings make, as GitHub makes them. */
function anchors(text: string): Set<string> {
  const headings = [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('documents', () => {
  it('looked at the documents', () => {
    expect(documents.length).toBeGreaterThan(20);
  });

  it('docs/configuration.md has a row for every variable that the server reads, and no other of its name', () => {
    const documented = rows(read('docs/configuration.md')).flatMap(([cell = '']) =>
      [...cell.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name = '']) => name),
    );
    expect(Object.keys(variables).filter((name) => !documented.includes(name))).toEqual([]);
    expect(documented.filter((name) => name.startsWith('WHETSTONE_') && !(name in variables))).toEqual([]);
  });

  it('docs/gateway.md has a row for every path of the gateway and every header of ours', () => {
    const cells = rows(read('docs/gateway.md')).map(([cell = '']) => cell);
    const operations = Object.values(gatewayOperations).map(({ method, path }) => `\`${method} ${path}\``);
    const headers = Object.keys(gatewayHeaders).map((name) => `\`${name}\``);
    expect([...operations, ...headers].filter((name) => !cells.some((cell) => cell.includes(name)))).toEqual([]);
  });

  it('names no variable of ours that the server does not read', () => {
    const elsewhere = ['Dockerfile', 'compose.yaml', 'compose.servers.yaml', 'deploy/whetstone.service'].map((path) => ({
      path,
      text: read(path),
    }));
    // What the SDK and its command read, on the machine of an application.
    const sdk = filesBelow(join(root, 'sdk/src'), /\.ts$/).map((path) => readFileSync(path, 'utf8'));
    const ofClients = new Set(
      sdk.flatMap((text) => [...text.matchAll(/environment\['(WHETSTONE_[A-Z_]+)'\]/g)].map(([, name = '']) => name)),
    );
    const wrong = [...documents, ...elsewhere].flatMap(({ path, text }) =>
      [...text.matchAll(/\bWHETSTONE_[A-Z_]*[A-Z]\b(?!_?\*)/g)]
        .filter(([name]) => !(name in variables) && !ofClients.has(name) && !name.startsWith('WHETSTONE_TEST_'))
        .map(([name]) => `${path}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('docs/api.md lists every operation with its permission and summary', () => {
    const listed = rows(between(read('docs/api.md'), 'endpoints')).filter(([method = '']) => /^[A-Z]+$/.test(method));
    const table = (Object.values(endpoints) as Endpoint[]).map((e) => [e.method, `\`${e.path}\``, e.permission, e.summary]);
    expect(table.map(line).filter((row) => !listed.map(line).includes(row))).toEqual([]);
    expect(listed.map(line).filter((row) => !table.map(line).includes(row))).toEqual([]);
  });

  it('docs/people.md tells what each role may', () => {
    const columns: Permission[] = ['fetch', 'read', 'judge', 'feedback', 'log', 'call', 'write', 'deploy', 'admin', 'owner'];
    const table = rows(read('docs/people.md')).flatMap(([name = '', ...cells]) => {
      const role = roles.find((known) => name.startsWith(`\`${known}\``));
      return role === undefined ? [] : [{ role, may: columns.filter((_, i) => (cells[i] ?? '') !== '') }];
    });
    const may = (role: Role): Permission[] => columns.filter((permission) => roleMay(role, permission));
    expect(table).toEqual(roles.map((role) => ({ role, may: may(role) })));
  });

  it('docs/providers.md and docs/configuration.md have every provider of the table', () => {
    const listed = rows(between(read('docs/providers.md'), 'table')).map(([id = '', name, baseUrl = '']) => [id, name, baseUrl]);
    const settings = between(read('docs/configuration.md'), 'providers');
    const missing = providers.filter((provider) => {
      const { id, name, baseUrl, simulated } = provider;
      const row = listed.find(([listedId]) => listedId === `\`${id}\``);
      if (simulated === true) return row?.[1] !== name;
      const read = variablesOf(provider).flatMap((set) => [set.secret, ...set.baseUrl, ...Object.values(set.settings ?? {}).flat()]);
      return (
        row?.[1] !== name || (baseUrl !== null && row[2] !== `\`${baseUrl}\``) || read.some((each) => !settings.includes(`\`${each}\``))
      );
    });
    expect(missing.map(({ id }) => id)).toEqual([]);
    expect(listed.length - 2).toBe(providers.length);
  });

  it('sends people only to pages of the settings that exist, in documents and in messages', () => {
    const labels = [...read('web/src/parts/settings-sections.ts').matchAll(/label: '([^']+)'/g)].map(([, label = '']) => label);
    expect(labels).toContain('API keys');
    const messages = filesBelow(join(root, 'server/src'), /(?<!\.test)\.ts$/).map((path) => ({
      path: relative(root, path),
      text: readFileSync(path, 'utf8'),
    }));
    const wrong = [...documents, ...messages].flatMap(({ path, text }) =>
      [...text.matchAll(/\bSettings, ([A-Z].{0,30})/g)]
        .filter(([, place = '']) => !labels.some((label) => place.startsWith(label)))
        .map(([found]) => `${path}: ${found}`),
    );
    expect(wrong).toEqual([]);
  });

  it('docs/logs.md lists the fields of the filter language', () => {
    const listed = rows(between(read('docs/logs.md'), 'filter')).slice(2);
    const fields = Object.entries(logFilterFields).map(([name, { help }]) => `\`${name}\`: ${help}`);
    expect(listed.map(([name, , , help]) => `${name}: ${help}`)).toEqual(fields);
  });

  it('shows only code that parses: JSON, TypeScript, and prompt files', () => {
    const blocks = documents.flatMap(({ path, text }) =>
      [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(([, language = '', code = '']) => ({ path, language, code })),
    );
    const wrong = blocks.flatMap(({ path, language, code }) => {
      const problem = problemOf(path, language, code);
      return problem === null ? [] : [`${path}: ${problem} in\n${code}`];
    });
    expect(wrong).toEqual([]);
    expect(blocks.filter(({ path, language }) => path === 'docs/prompts.md' && language === '').length).toBeGreaterThan(1);
  });

  it('has no broken relative link', () => {
    const broken = documents.flatMap(({ path, text }) =>
      [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
        if (/^[a-z]+:/.test(link)) return [];
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? join(root, path) : resolve(root, dirname(path), file);
        if (!existsSync(target)) return [`${path}: ${link}`];
        return anchor === undefined || anchors(readFileSync(target, 'utf8')).has(anchor) ? [] : [`${path}: ${link}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  it('every page of docs is reached from its index', () => {
    const index = read('docs/README.md') + read('docs/decisions/README.md');
    const lost = documents
      .filter(({ path }) => path.startsWith('docs/') && !path.endsWith('README.md'))
      .filter(({ path }) => !index.includes(`](${relative('docs/decisions', path)})`) && !index.includes(`](${relative('docs', path)})`));
    expect(lost.map(({ path }) => path)).toEqual([]);
  });

  it('names only npm commands that exist', () => {
    const known = new Set(['.', ...readdirSync(root)].flatMap((folder) => Object.keys(manifestOf(folder)?.scripts ?? {})));
    expect(known).toContain('start');
    const wrong = documents.flatMap(({ path, text }) =>
      [...text.matchAll(/\bnpm (?:run ([a-z:-]+)|(start|test)\b)/g)]
        .map(([, script, short]) => script ?? short ?? '')
        .filter((name) => !known.has(name))
        .map((name) => `${path}: npm ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it.each([
    ['SECURITY.md', 'T', 30],
    ['docs/reliability.md', 'F', 30],
  ])('%s has a row for each of its subjects, and the tests that it names exist', (path, letter, last) => {
    const listed = rows(read(path)).filter(([id = '']) => new RegExp(`^${letter}\\d+$`).test(id));
    // F6, power loss, needs a machine that can be switched off; the counts of flushes stand for it.
    const wanted = Array.from({ length: last }, (_, i) => `${letter}${i + 1}`).filter((id) => id !== 'F6');
    expect(listed.map(([id]) => id)).toEqual(wanted);
    const sources = new Map(filesBelow(root, /\.(test|spec)\.ts$/).map((file) => [relative(root, file), readFileSync(file, 'utf8')]));
    const wrong = listed.flatMap(([id, , , proof = '']) => {
      const named = [...proof.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
      if (named.length === 0 && !/planned with|no test yet/.test(proof)) return [`${id} names no test`];
      return named
        .filter((text) => ![...sources].some(([file, source]) => file === text || source.includes(text)))
        .map((text) => `${id}: ${text}`);
    });
    expect(wrong).toEqual([]);
  });
});

function problemOf(path: string, language: string, code: string): string | null {
  if (language === 'ts') return parseSync('example.ts', code).errors[0]?.message ?? null;
  if (language === 'json') {
    try {
      JSON.parse(code);
      return null;
    } catch (error) {
      return String(error);
    }
  }
  if (path !== 'docs/prompts.md' || language !== '') return null;
  // A fragment of the body stands for a whole file with it.
  const parsed = parsePromptFile('prompt', code.startsWith('---') ? code : `---\nmodel: any\n---\n${code}`);
  if (!parsed.ok) return parsed.error.message;
  return parsed.ignored.length > 0 ? `unknown keys ${parsed.ignored.join(', ')}` : null;
}

describe('what is installed and how it runs', () => {
  it('T27: install scripts run for the listed packages only, and every version is exact', () => {
    const { allowScripts } = z.object({ allowScripts: z.record(z.string(), z.boolean()) }).parse(JSON.parse(read('package.json')));
    const locked = z
      .object({ packages: z.record(z.string(), z.object({ hasInstallScript: z.boolean().optional() })) })
      .parse(JSON.parse(read('package-lock.json'))).packages;
    const scripted = Object.entries(locked).filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const names = scripted.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect(names.filter((name) => !(name in allowScripts) && name !== 'fsevents')).toEqual([]);
    expect(Object.entries(allowScripts).flatMap(([name, allowed]) => (allowed ? [name] : []))).toEqual(['node']);
    expect(read('.npmrc')).toContain('strict-allow-scripts=true');
    const ranges = ['.', ...readdirSync(root)].flatMap((folder) =>
      Object.entries(manifestOf(folder)?.dependencies ?? {}).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
    );
    expect(ranges).toEqual([]);
  });

  it('T29: neither the unit nor the containers leave core dumps', () => {
    expect(read('deploy/whetstone.service')).toMatch(/^LimitCORE=0$/m);
    for (const file of ['compose.yaml', 'compose.servers.yaml']) expect(read(file)).toMatch(/^ {6}core: 0$/m);
  });
});

const manifestSchema = z.object({
  scripts: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.string()).default({}),
});

function manifestOf(folder: string): z.infer<typeof manifestSchema> | null {
  const manifest = join(root, folder, 'package.json');
  if (!existsSync(manifest) || skipped.has(folder)) return null;
  return manifestSchema.parse(JSON.parse(readFileSync(manifest, 'utf8')));
}

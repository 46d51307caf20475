import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** Rooms from the ground up. A room imports from rooms before it; ARCHITECTURE.md tells why. */
const rooms = [
  'storage',
  'outbound',
  'people',
  'jobs',
  'files',
  'logs',
  'feedback',
  'hooks',
  'experiments',
  'gateway',
  'otlp',
  'tools',
  'agents',
  'judges',
  'curation',
  'rules',
  'evaluations',
  'reports',
  'monitors',
  'reviews',
  'gates',
  'exchange',
  'demo',
  'operate',
  'http',
];
const outsideRooms = new Set(['main.ts', 'prepare.ts', 'run.ts', 'start.ts', 'settings-cache.ts', 'config.ts', 'log.ts', 'whetstone.ts']);
const workspaces: Record<string, readonly string[]> = {
  contract: [],
  statistics: [],
  domain: ['contract', 'statistics'],
  evaluators: ['contract', 'domain'],
  sandbox: ['contract', 'domain'],
  sdk: ['contract', 'domain', 'sandbox', 'evaluators', 'statistics'],
  server: ['contract', 'domain', 'sandbox', 'evaluators', 'statistics'],
  web: ['contract', 'domain', 'statistics'],
  simulate: ['statistics'],
};
/** Layers of the web app, roof first. */
const webLayers = ['app', 'pages', 'parts', 'api', 'kit'];

interface Import {
  file: string;
  target: string;
  typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() &&
        /\.tsx?$/.test(entry.name) &&
        !entry.parentPath.includes('node_modules') &&
        !entry.parentPath.includes(`${sep}dist`),
    )
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(file: string): Import[] {
  const { module } = parseSync(file, readFileSync(file, 'utf8'));
  const named = module.staticImports.map((i) => ({
    target: i.moduleRequest.value,
    typeOnly: i.entries.length > 0 && i.entries.every((entry) => entry.isType),
  }));
  const again = module.staticExports.flatMap((e) =>
    e.entries.flatMap((entry) => (entry.moduleRequest ? [{ target: entry.moduleRequest.value, typeOnly: entry.isType }] : [])),
  );
  return [...named, ...again].map((found) => ({ file, ...found }));
}

function roomOf(file: string): string | null {
  const [first = '', ...rest] = relative(join(root, 'server/src'), file).split(sep);
  return rest.length === 0 ? null : first;
}

const isTest = (file: string) =>
  /\.test\.tsx?$/.test(file) || file.includes(`${sep}test${sep}`) || file.includes(`${sep}fake-provider${sep}`);
const serverFiles = sources('server/src').filter((file) => !isTest(file));
const serverImports = serverFiles.flatMap(importsOf);
const tell = (i: Import) => `${relative(root, i.file)} imports ${i.target}`;

describe('architecture', () => {
  it('looked at the files', () => {
    expect(serverFiles.length).toBeGreaterThan(50);
    expect(serverImports.length).toBeGreaterThan(200);
  });

  it('has no room without a floor', () => {
    const unknown = new Set(serverFiles.map(roomOf).filter((room) => room !== null && !rooms.includes(room)));
    expect([...unknown]).toEqual([]);
    const loose = serverFiles.filter((file) => roomOf(file) === null && !outsideRooms.has(relative(join(root, 'server/src'), file)));
    expect(loose.map((file) => relative(root, file))).toEqual([]);
  });

  it('imports go down only, and enter a room by its index', () => {
    const wrong = serverImports.filter((i) => {
      const from = roomOf(i.file);
      // The manifest is above all rooms: versions are told there once.
      if (from === null || !i.target.startsWith('.') || i.target.endsWith('/package.json')) return false;
      const target = resolve(dirname(i.file), i.target);
      const to = roomOf(target);
      if (to === null) return !(i.typeOnly && target.endsWith('config.ts'));
      if (to === from) return false;
      const down = rooms.indexOf(to) < rooms.indexOf(from);
      return !down || !(target.endsWith(`${sep}index.ts`) || target.endsWith(`${sep}http.ts`));
    });
    expect(wrong.map(tell)).toEqual([]);
  });

  it('only stores hold SQL', () => {
    const wrong = serverFiles.filter((file) => {
      if (/store(-[a-z-]+)?\.ts$/.test(file) || file.includes(`${sep}stores${sep}`) || roomOf(file) === 'storage') return false;
      return /\b(selectFrom|insertInto|updateTable|deleteFrom)\(|\bSELECT\s[\s\S]{1,200}\sFROM\s|\bINSERT INTO\b/.test(
        readFileSync(file, 'utf8'),
      );
    });
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  });

  it('only config.ts reads the environment', () => {
    const wrong = serverFiles.filter(
      (file) => /process\.env\s*[.[]/.test(readFileSync(file, 'utf8')) && !/(config|main|whetstone)\.ts$/.test(file),
    );
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  });

  it('workspaces import only what they may', () => {
    const wrong = Object.entries(workspaces).flatMap(([workspace, allowed]) =>
      sources(`${workspace}/src`)
        .filter((file) => !isTest(file))
        .flatMap(importsOf)
        .filter((i) => {
          const named = /^@whetstone\/(\w+)/.exec(i.target)?.[1];
          if (named !== undefined) return !allowed.includes(named);
          return i.target.startsWith('.') && !resolve(dirname(i.file), i.target).startsWith(join(root, workspace) + sep);
        }),
    );
    expect(wrong.map(tell)).toEqual([]);
  });

  it('domain, statistics, contract and evaluators do no I/O', () => {
    const wrong = ['contract', 'statistics', 'domain', 'evaluators']
      .flatMap((workspace) => sources(`${workspace}/src`))
      .filter((file) => !isTest(file))
      .filter(
        (file) =>
          importsOf(file).some((i) => i.target.startsWith('node:')) ||
          /\b(Date\.now|Math\.random|new Date\(\))/.test(readFileSync(file, 'utf8')),
      );
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  });

  it('layers of the web app import downwards and pages never each other', () => {
    const base = join(root, 'web/src');
    const wrong = sources('web/src')
      .filter((file) => !isTest(file))
      .flatMap(importsOf)
      .filter((i) => {
        if (!i.target.startsWith('.')) return false;
        const [from = '', fromPage = ''] = relative(base, i.file).split(sep);
        const [to = '', toPage = ''] = relative(base, resolve(dirname(i.file), i.target)).split(sep);
        if (!webLayers.includes(from) || !webLayers.includes(to)) return false;
        if (from === 'pages' && to === 'pages') return fromPage !== toPage && !toPage.endsWith('.css');
        return webLayers.indexOf(to) < webLayers.indexOf(from);
      });
    expect(wrong.map(tell)).toEqual([]);
  });
});

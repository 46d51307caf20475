import { join, resolve } from 'node:path';

/** The only reader of the environment. `docs/configuration.md` lists every variable; a test compares. */
export interface Config {
  port: number;
  host: string;
  dataDir: string;
  /** Public URL, behind a proxy; null: `http://HOST:PORT`. */
  publicUrl: URL | null;
  databaseUrl: string | null;
  clickhouseUrl: string | null;
  init: { email: string | null; password: string | null; apiKey: string | null };
  demo: boolean;
  secret: string | null;
  oidc: { issuer: string; clientId: string; clientSecret: string; enforced: boolean; name: string | null } | null;
  smtpUrl: string | null;
  maxBodyBytes: number;
  failClosed: boolean;
  allowPrivateUrls: boolean;
  /** Whoever is signed in may make a workspace, not only owners of one. */
  openWorkspaces: boolean;
  /** Interpreter or virtual environment for Python evaluators and tools; null: the system's python3. */
  python: string | null;
  /** Modules that their code may import beside the published lists. */
  pythonModules: readonly string[];
  roles: ReadonlySet<Role>;
  logLevel: string;
  /** A provider's credential from the operator's environment: the first of the sets of names whose secret is given. */
  operatorCredential(sets: readonly OperatorVariables[]): OperatorSecret | null;
}
/** Names under which a vendor's SDK reads its credential, each with its alternatives. */
export interface OperatorVariables {
  secret: string;
  baseUrl: readonly string[];
  settings?: Readonly<Record<string, readonly string[]>>;
  sessionToken?: string;
}
export interface OperatorSecret {
  secret: string | null;
  baseUrl: string | null;
  settings: Record<string, string>;
  sessionToken: string | null;
}
export const serverRoles = ['api', 'gateway', 'worker'] as const;
export type Role = (typeof serverRoles)[number];

/** Every variable that is read, with its meaning, for the documents. */
export const variables = {
  PORT: 'Port of the one HTTP server (4400).',
  HOST: 'Address to listen on (127.0.0.1).',
  WHETSTONE_DATA_DIR: 'Directory for the embedded engines, the intake queue and blobs (./data).',
  WHETSTONE_URL: 'Public URL behind a proxy; its host is accepted and its scheme decides about secure cookies.',
  DATABASE_URL: 'PostgreSQL server instead of the embedded engine.',
  CLICKHOUSE_URL: 'ClickHouse server instead of the embedded engine.',
  WHETSTONE_INIT_EMAIL: 'Headless first run: e-mail of the owner of the workspace `main`.',
  WHETSTONE_INIT_PASSWORD: "Headless first run: the owner's password.",
  WHETSTONE_INIT_API_KEY: 'Headless first run: an API key with all rights (any string).',
  WHETSTONE_DEMO: '`0`: no demo workspace.',
  WHETSTONE_SECRET: 'Master key for stored credentials; made in the data directory when unset; replicas share it.',
  WHETSTONE_OIDC_ISSUER: 'Sign-in by OpenID Connect: issuer URL.',
  WHETSTONE_OIDC_CLIENT_ID: 'Sign-in by OpenID Connect: client id.',
  WHETSTONE_OIDC_CLIENT_SECRET: 'Sign-in by OpenID Connect: client secret.',
  WHETSTONE_OIDC_NAME: 'Sign-in by OpenID Connect: the name on the button.',
  WHETSTONE_OIDC_ENFORCED: '`1`: nobody signs in with a password.',
  SMTP_URL: 'Mail server for invitations and lost passwords; without it they are links.',
  WHETSTONE_MAX_BODY_MB: 'Largest request body in MB (20).',
  WHETSTONE_FAIL_CLOSED: '`1`: the gateway answers 503 when a call cannot be logged.',
  WHETSTONE_ALLOW_PRIVATE_URLS: '`1`: base URLs and webhooks of users may be private addresses.',
  WHETSTONE_OPEN_WORKSPACES: '`1`: whoever is signed in may make a workspace, not only owners of one.',
  WHETSTONE_PYTHON: 'Interpreter or virtual environment for Python evaluators and tools (python3).',
  WHETSTONE_PYTHON_MODULES: 'Further modules of it that their code may import, separated by commas.',
  WHETSTONE_LOG_LEVEL: 'Level of the log on stderr (info).',
} as const;
type Variable = keyof typeof variables;

/**
 * @param env the process's environment
 * @param args command line: `--role=api,gateway,worker`
 * @throws Error with one line that names the variable and what it takes
 */
export function readConfig(env: Record<string, string | undefined>, args: readonly string[] = []): Config {
  const text = (name: Variable): string | null => {
    const value = env[name]?.trim();
    return value === undefined || value === '' ? null : value;
  };
  const flag = (name: Variable): boolean => ['1', 'true', 'yes'].includes(text(name)?.toLowerCase() ?? '');
  const whole = (name: Variable, fallback: number, min: number, max: number): number => {
    const value = text(name);
    if (value === null) return fallback;
    const number = Number(value);
    if (!Number.isInteger(number) || number < min || number > max)
      throw new Error(`${name} is ${JSON.stringify(value)}; it takes a whole number from ${min} to ${max}.`);
    return number;
  };
  const url = (name: Variable): URL | null => {
    const value = text(name);
    if (value === null) return null;
    if (!URL.canParse(value)) throw new Error(`${name} is ${JSON.stringify(value)}; it takes a URL such as https://whetstone.example.com.`);
    return new URL(value);
  };
  const issuer = text('WHETSTONE_OIDC_ISSUER');
  const clientId = text('WHETSTONE_OIDC_CLIENT_ID');
  const clientSecret = text('WHETSTONE_OIDC_CLIENT_SECRET');
  if (issuer !== null && (clientId === null || clientSecret === null)) {
    throw new Error('WHETSTONE_OIDC_ISSUER is set; WHETSTONE_OIDC_CLIENT_ID and WHETSTONE_OIDC_CLIENT_SECRET are needed with it.');
  }
  return {
    port: whole('PORT', 4400, 0, 65_535),
    host: text('HOST') ?? '127.0.0.1',
    dataDir: resolve(text('WHETSTONE_DATA_DIR') ?? join(process.cwd(), 'data')),
    publicUrl: url('WHETSTONE_URL'),
    databaseUrl: url('DATABASE_URL')?.href ?? null,
    clickhouseUrl: url('CLICKHOUSE_URL')?.href ?? null,
    init: { email: text('WHETSTONE_INIT_EMAIL'), password: text('WHETSTONE_INIT_PASSWORD'), apiKey: text('WHETSTONE_INIT_API_KEY') },
    demo: text('WHETSTONE_DEMO') !== '0',
    secret: text('WHETSTONE_SECRET'),
    oidc:
      issuer === null || clientId === null || clientSecret === null
        ? null
        : { issuer, clientId, clientSecret, enforced: flag('WHETSTONE_OIDC_ENFORCED'), name: text('WHETSTONE_OIDC_NAME') },
    smtpUrl: text('SMTP_URL'),
    maxBodyBytes: whole('WHETSTONE_MAX_BODY_MB', 20, 1, 1024) * 1024 * 1024,
    failClosed: flag('WHETSTONE_FAIL_CLOSED'),
    allowPrivateUrls: flag('WHETSTONE_ALLOW_PRIVATE_URLS'),
    openWorkspaces: flag('WHETSTONE_OPEN_WORKSPACES'),
    python: text('WHETSTONE_PYTHON'),
    pythonModules: (text('WHETSTONE_PYTHON_MODULES') ?? '').split(/[\s,]+/).filter((name) => name !== ''),
    roles: readRoles(args),
    logLevel: text('WHETSTONE_LOG_LEVEL') ?? 'info',
    operatorCredential: (sets) => readOperatorCredential(env, sets),
  };
}

function readOperatorCredential(env: Record<string, string | undefined>, sets: readonly OperatorVariables[]): OperatorSecret | null {
  const given = (name: string): string | null => env[name]?.trim() || null;
  const first = (names: readonly string[]): string | null => names.find((name) => given(name) !== null) ?? null;
  // Some providers want an address only.
  const set = sets.find(({ secret }) => given(secret) !== null) ?? sets.find(({ baseUrl }) => first(baseUrl) !== null);
  if (set === undefined) return null;
  const named = first(set.baseUrl);
  const baseUrl = named === null ? null : given(named);
  if (baseUrl !== null && !URL.canParse(baseUrl)) throw new Error(`${named} is ${JSON.stringify(baseUrl)}; it takes a URL.`);
  const settings: Record<string, string> = {};
  for (const [name, names] of Object.entries(set.settings ?? {})) {
    const from = first(names);
    if (from !== null) settings[name] = given(from) ?? '';
  }
  return { secret: given(set.secret), baseUrl, settings, sessionToken: set.sessionToken === undefined ? null : given(set.sessionToken) };
}

function readRoles(args: readonly string[]): ReadonlySet<Role> {
  const given = args.find((arg) => arg.startsWith('--role='))?.slice('--role='.length);
  if (given === undefined) return new Set(serverRoles);
  const names = given.split(',').map((name) => name.trim());
  const known = names.filter((name): name is Role => (serverRoles as readonly string[]).includes(name));
  if (known.length !== names.length || known.length === 0)
    throw new Error(`--role=${given}: roles are ${serverRoles.join(', ')}, separated by commas.`);
  return new Set(known);
}

import { z } from 'zod';
import { jsonObject } from './json.ts';
import { keyRoles, memberRoles } from './scope.ts';

/** People, keys, settings: our own resources, in v5's style. */

const id = z.string();
const at = z.string();

export const me = z.object({
  user: z.object({ id, name: z.string(), email: z.string() }).nullable(),
  workspaces: z.array(z.object({ id, slug: z.string(), name: z.string(), role: z.enum(memberRoles) })),
  /** Set when the call names a workspace. */
  workspace: z
    .object({ id, slug: z.string(), name: z.string(), role: z.string(), demo: z.enum(['none', 'loading', 'ready', 'failed']) })
    .nullable(),
  may_make_workspaces: z.boolean(),
});
export const instance = z.object({
  version: z.string(),
  url: z.string(),
  /** The first visit makes the owner. */
  needs_owner: z.boolean(),
  sign_in: z.object({ password: z.boolean(), oidc: z.boolean(), oidc_name: z.string().nullable() }),
});

export const workspaceSettings = z.object({
  id,
  slug: z.string(),
  name: z.string(),
  created_at: at,
  /** Days that logs are kept, for the workspace and per environment id; null keeps them for ever. */
  retention_days: z.int().min(1).max(36_500).nullable(),
  environment_retention_days: z.record(z.string(), z.int().min(1).max(36_500).nullable()),
  redaction: z.array(
    z.object({ name: z.string(), kind: z.enum(['field', 'pattern']), match: z.string(), replacement: z.string().default('[redacted]') }),
  ),
});
export const workspacePatch = workspaceSettings
  .pick({ name: true, retention_days: true, environment_retention_days: true, redaction: true })
  .partial();

export const member = z.object({
  id,
  name: z.string(),
  email: z.string(),
  role: z.enum(memberRoles),
  suspended: z.boolean(),
  joined_at: at,
  last_seen_at: at.nullable(),
});
export const memberPatch = z.object({ role: z.enum(memberRoles).optional(), suspended: z.boolean().optional() });

export const invitation = z.object({
  id,
  email: z.string().nullable(),
  role: z.enum(memberRoles),
  created_at: at,
  expires_at: at,
  /** Without an address when a key invited. */
  invited_by: z.object({ id, name: z.string().nullable(), email: z.string().nullable() }),
  /** Only in the answer that makes it. */
  url: z.string().nullish(),
});
export const invitationRequest = z.object({ email: z.email().nullish(), role: z.enum(memberRoles).exclude(['owner']).default('viewer') });

export const apiKey = z.object({
  id,
  name: z.string(),
  /** First characters, to recognise it by. */
  prefix: z.string(),
  role: z.enum(keyRoles),
  environment: z.string().nullable(),
  created_at: at,
  created_by: z.string().nullable(),
  expires_at: at.nullable(),
  last_used_at: at.nullable(),
  /** Of a publishable key: the pages that may send with it, as `https://example.com`, or `*`. */
  origins: z.array(z.string()),
  /** The key itself, once, in the answer that makes it. */
  key: z.string().nullish(),
});
export const apiKeyRequest = z.object({
  name: z.string().min(1).max(200),
  role: z.enum(keyRoles).default('gateway'),
  environment: z.string().nullish(),
  expires_at: z.iso.datetime({ offset: true }).nullish(),
  /** Of the role `feedback` only: the origins of the pages that may send with it. None: no browser may. */
  origins: z.array(z.string().max(300)).max(50).nullish(),
});
export const apiKeyPatch = z.object({ origins: z.array(z.string().max(300)).max(50) });

export const credential = z.object({
  id,
  /** How `CREDENTIAL/MODEL` and a prompt's `provider` name it. */
  name: z.string(),
  provider: z.string(),
  base_url: z.string().nullable(),
  /** What the provider needs beside: Azure's resource, deployment and API version, a region and access key id of AWS. */
  settings: z.record(z.string(), z.string()).nullish(),
  /** Last four characters of the secret; the secret itself never leaves the server. */
  hint: z.string(),
  /** `operator`: from the environment of the server, for every workspace. */
  source: z.enum(['workspace', 'operator', 'built-in']),
  created_at: at.nullable(),
  last_used_at: at.nullable(),
});
export const credentialRequest = z.object({
  name: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[a-z0-9][a-z0-9._-]*$/i, 'letters, digits, dot, dash and underscore'),
  provider: z.string(),
  secret: z.string().max(10_000),
  base_url: z.url().nullish(),
  settings: z.record(z.string().max(64), z.string().max(200)).nullish(),
});
/** A new base URL needs the secret again: a secret is bound to the origin it was given for. */
export const credentialPatch = z.object({
  name: z.string().min(1).max(64).optional(),
  secret: z.string().max(10_000).optional(),
  base_url: z.url().nullish(),
  /** Replaces them all. A new resource or region needs the secret again. */
  settings: z.record(z.string().max(64), z.string().max(200)).nullish(),
});

export const price = z.object({
  /** Model name, or a prefix ending in `*`. */
  model: z.string().min(1).max(200),
  provider: z.string(),
  input_per_million: z.number().min(0).nullable(),
  output_per_million: z.number().min(0).nullable(),
  cached_input_per_million: z.number().min(0).nullish(),
  /** `built-in` rows come with Whetstone; a workspace's own row replaces them. */
  source: z.enum(['built-in', 'workspace']).default('workspace'),
});
export const modelChoice = z.object({
  provider: z.string(),
  credential: z.string(),
  model: z.string(),
  available: z.boolean(),
  simulated: z.boolean(),
});

export const auditEntry = z.object({
  id,
  at,
  actor: z.object({ type: z.string(), id, name: z.string() }),
  /** Noun and verb: `api_key.created`, `member.role_changed`, `version.deployed`. */
  action: z.string(),
  target: z.object({ type: z.string(), id, name: z.string() }).nullable(),
  data: jsonObject,
  ip: z.string().nullable(),
});

export const sessionEntry = z.object({
  id,
  created_at: at,
  last_seen_at: at,
  ip: z.string().nullable(),
  user_agent: z.string().nullable(),
  current: z.boolean(),
});

export const environmentRequest = z.object({ name: z.string().min(1).max(100), protected: z.boolean().default(false) });
export const environmentPatch = z.object({
  name: z.string().min(1).max(100).optional(),
  protected: z.boolean().optional(),
  tag: z.literal('default').optional(),
});

export const webhookEvents = [
  'version.created',
  'version.deployed',
  'version.undeployed',
  'file.deleted',
  'alert.opened',
  'alert.recovered',
  'experiment.started',
  'experiment.arm_stopped',
  'experiment.stopped',
  'experiment.promoted',
] as const;
export const webhook = z.object({
  id,
  url: z.string(),
  format: z.enum(['json', 'slack']),
  events: z.array(z.enum(webhookEvents)),
  created_at: at,
  last_status: z.string().nullable(),
  last_sent_at: at.nullable(),
  /** Signing secret, once, in the answer that makes it. */
  secret: z.string().nullish(),
});
export const webhookRequest = z.object({
  url: z.url(),
  format: z.enum(['json', 'slack']).default('json'),
  events: z.array(z.enum(webhookEvents)).min(1),
});

export const storageStatus = z.object({
  edition: z.object({ control: z.enum(['embedded', 'server']), logs: z.enum(['embedded', 'server']) }),
  postgres: z.object({ ok: z.boolean(), error: z.string().nullable(), bytes: z.number().nullable() }),
  clickhouse: z.object({ ok: z.boolean(), error: z.string().nullable(), logs: z.number().nullable(), bytes: z.number().nullable() }),
  intake: z.object({ waiting: z.int(), oldest_seconds: z.number().nullable(), dropped: z.int(), error: z.string().nullable() }),
  disk: z.object({ free_bytes: z.number().nullable() }),
  /** Walls around code of evaluators and tools; null until they are known. `why`: what keeps them from being stronger. */
  sandbox: z.object({
    level: z.enum(['hardened+ns', 'hardened', 'wasm-only', 'python-disabled']).nullable(),
    python: z.string().nullable(),
    why: z.string().nullable(),
  }),
});

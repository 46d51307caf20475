import { type Endpoint, type EndpointName, endpoints, type KeyRole, keyRoles, type MemberRole } from '@whetstone/contract';
import { caller, type Caller, byKey, cookieOf, send } from './send.ts';
import { owner, type Whetstone } from './whetstone.ts';

/** Ids of one object of each kind in a workspace. */
export interface Objects {
  prompts: string;
  tools: string;
  evaluators: string;
  flows: string;
  datasets: string;
  agents: string;
  evaluations: string;
  runs: string;
  /** What judges by itself, and what people said. */
  judge: { id: string; version_id: string };
  votes: string;
  monitors: string;
  backfills: string;
  alerts: string;
  reviews: string;
  reviewItems: string;
  datasetRules: string;
  experiments: string;
  versions: Record<string, string>;
  environments: string;
  /** Not the default, not protected. */
  staging: string;
  directories: string;
  logs: string;
  members: string;
  invitations: string;
  'api-keys': string;
  credentials: string;
  webhooks: string;
  /** By name. */
  routes: string;
  sessions: string;
}

export const password = 'correct horse battery';
/** Stands in the text of every object, so that a leak shows wherever it comes out. */
export const mark = 'alpha-only-text';
/** An environment variable of the tool. */
const variable = 'TOKEN';
export const endUser = 'u_of_the_first';
/** A port of this machine where nothing listens; the server is started so that users may name private addresses. */
const nowhere = 'http://127.0.0.1:9';
export const mayNameNowhere = { WHETSTONE_ALLOW_PRIVATE_URLS: '1' };
const rule = { type: 'threshold', side: 'below', value: 0.5, over: { logs: 20 } };
const experimentBody = { name: mark, hypothesis: mark, metric: { value: 'vote:good' }, smallest_difference: 0.05 };
const headersOf = (cookie: string, slug: string, base: string) => ({
  cookie,
  'x-whetstone-workspace': slug,
  origin: base,
});

export async function signIn(base: string, email: string, secret = password): Promise<string> {
  const answer = await send(base, '/api/auth/sign-in/email', {
    method: 'POST',
    headers: { origin: base },
    body: { email, password: secret },
  });
  if (answer.status !== 200) throw new Error(`sign-in of ${email}: ${answer.status} ${answer.text}`);
  return cookieOf(answer);
}

/** One object of every kind. The names carry the mark. */
export async function makeObjects(admin: Caller, session: Caller): Promise<Objects> {
  const text = { description: mark };
  const prompt = await admin<{ id: string; version_id: string }>('POST', '/v5/prompts', {
    path: `dir/${mark}-prompt`,
    model: 'demo-small',
    template: [{ role: 'user', content: `${mark} {{question}}` }],
  });
  const tool = await admin<{ id: string; version_id: string }>('POST', '/v5/tools', {
    path: `dir/${mark}-tool`,
    function: { name: 'find', ...text },
  });
  const evaluator = await admin<{ id: string; version_id: string }>('POST', '/v5/evaluators', {
    path: `dir/${mark}-evaluator`,
    spec: { evaluator_type: 'human', arguments_type: 'target_free', return_type: 'text', instructions: mark },
  });
  const flow = await admin<{ id: string; version_id: string }>('POST', '/v5/flows', {
    path: `dir/${mark}-flow`,
    attributes: { text: mark },
  });
  const dataset = await admin<{ id: string; version_id: string }>('POST', '/v5/datasets', {
    path: `dir/${mark}-dataset`,
    datapoints: [{ inputs: { question: mark } }],
  });
  const agent = await admin<{ id: string; version_id: string }>('POST', '/v5/agents', {
    path: `dir/${mark}-agent`,
    model: 'demo-small',
    template: [{ role: 'user', content: `${mark} {{question}}` }],
    tools: [{ type: 'file', link: { file_id: tool.id } }],
  });
  await admin('POST', `/v5/tools/${tool.id}/environment-variables`, [{ name: variable, value: `${mark}-value` }]);
  const evaluation = await admin<{ id: string }>('POST', '/v5/evaluations', {
    name: mark,
    file: { id: prompt.id },
    evaluators: [{ id: evaluator.id }],
  });
  const run = await admin<{ id: string }>('POST', `/v5/evaluations/${evaluation.id}/runs`, {
    dataset: { id: dataset.id },
    version: { id: prompt.id },
    orchestrated: false,
  });
  const log = await admin<{ id: string }>('POST', '/v5/prompts/log', { id: prompt.id, output: mark, user: endUser, messages: [] });
  const judge = await admin<{ id: string; version_id: string }>('POST', '/v5/evaluators', {
    path: `dir/${mark}-judge`,
    spec: {
      evaluator_type: 'external',
      arguments_type: 'target_free',
      return_type: 'boolean',
      library: { name: 'contains', options: { texts: [mark] } },
    },
  });
  const votes = await admin<{ id: string }>('POST', '/v5/evaluators', {
    path: `dir/${mark}-votes`,
    spec: { evaluator_type: 'human', arguments_type: 'target_free', return_type: 'boolean' },
  });
  const monitor = await admin<{ id: string }>('POST', '/v5/monitors', {
    file_id: prompt.id,
    evaluator: { version_id: judge.version_id },
    filter: `user:${mark}`,
  });
  const alert = await admin<{ id: string }>('POST', `/v5/monitors/${monitor.id}/alerts`, { name: mark, rule });
  const backfill = await admin<{ id: string }>('POST', `/v5/monitors/${monitor.id}/backfills`, { start_date: '2026-01-01T00:00:00Z' });
  const queue = await admin<{ id: string }>('POST', '/v5/reviews', {
    name: mark,
    instructions: mark,
    evaluators: [{ id: evaluator.id }],
    source: { type: 'logs', log_ids: [log.id] },
  });
  const claimed = await session<{ items: { id: string }[] }>('POST', `/v5/reviews/${queue.id}/claim`, {});
  const datasetRule = await admin<{ id: string }>('POST', `/v5/datasets/${dataset.id}/rules`, {
    name: mark,
    filter: `output:${mark}`,
    tags: [mark],
    since: '2026-01-01T00:00:00Z',
  });
  await admin('POST', `/v5/datasets/${dataset.id}/rules/${datasetRule.id}/run`);
  const experiment = await admin<{ id: string }>('POST', '/v5/experiments', {
    ...experimentBody,
    file_id: prompt.id,
    arms: [{ weight: 0.5 }, { version_id: prompt.version_id, weight: 0.5 }],
  });
  const directory = await admin<{ id: string }>('POST', '/v5/directories', { path: `${mark}-directory` });
  const key = await admin<{ id: string }>('POST', '/v5/api-keys', { name: mark, role: 'viewer' });
  const credential = await admin<{ id: string }>('POST', '/v5/credentials', {
    name: mark,
    provider: 'openai',
    secret: 'sk-not-a-real-one',
    base_url: `${nowhere}/v1`,
  });
  const route = await admin<{ name: string }>('PUT', `/v5/routes/${mark}-route`, { targets: [{ model: 'demo-small' }] });
  await admin('PUT', '/v5/limits', { subject: 'user', id: `${mark}-user`, usd_per_month: 1000 });
  const webhook = await admin<{ id: string }>('POST', '/v5/webhooks', { url: `${nowhere}/hook`, events: ['file.deleted'] });
  const invitation = await admin<{ id: string }>('POST', '/v5/invitations', { role: 'viewer' });
  const environments = await admin<{ id: string; name: string }[]>('GET', '/v5/environments');
  const members = await admin<{ records: { id: string; role: string }[] }>('GET', '/v5/members');
  const sessions = await session<{ records: { id: string }[] }>('GET', '/v5/me/sessions');
  return {
    prompts: prompt.id,
    tools: tool.id,
    evaluators: evaluator.id,
    flows: flow.id,
    datasets: dataset.id,
    agents: agent.id,
    evaluations: evaluation.id,
    runs: run.id,
    judge,
    votes: votes.id,
    monitors: monitor.id,
    backfills: backfill.id,
    alerts: alert.id,
    reviews: queue.id,
    reviewItems: claimed.items[0]?.id ?? '',
    datasetRules: datasetRule.id,
    experiments: experiment.id,
    versions: {
      prompts: prompt.version_id,
      tools: tool.version_id,
      evaluators: evaluator.version_id,
      flows: flow.version_id,
      datasets: dataset.version_id,
      agents: agent.version_id,
    },
    environments: environments.find(({ name }) => name === 'production')?.id ?? '',
    staging: environments.find(({ name }) => name === 'staging')?.id ?? '',
    directories: directory.id,
    logs: log.id,
    members: members.records.toSorted((a, b) => Number(a.role === 'owner') - Number(b.role === 'owner'))[0]?.id ?? '',
    invitations: invitation.id,
    'api-keys': key.id,
    credentials: credential.id,
    webhooks: webhook.id,
    routes: route.name,
    sessions: sessions.records[0]?.id ?? '',
  };
}

export async function keysOfAllRoles(admin: Caller): Promise<Record<KeyRole, string>> {
  const made = await Promise.all(
    keyRoles.map(async (role) => [role, (await admin<{ key: string }>('POST', '/v5/api-keys', { name: `of ${role}`, role })).key]),
  );
  return Object.fromEntries(made) as Record<KeyRole, string>;
}

/** Headers of a signed-in member of each role. */
export async function membersOfRoles(whetstone: Whetstone, roles: readonly Exclude<MemberRole, 'owner'>[]) {
  const admin = caller(whetstone.url, byKey(whetstone.apiKey));
  const members = new Map<MemberRole, Record<string, string>>();
  members.set('owner', await ownerHeaders(whetstone));
  for (const role of roles) {
    const { url } = await admin<{ url: string }>('POST', '/v5/invitations', { role });
    const answer = await send(whetstone.url, `/api/auth/invitations/${url.split('/').at(-1)}`, {
      method: 'POST',
      headers: { origin: whetstone.url },
      body: { name: role, email: `${role}@example.com`, password },
    });
    if (answer.status !== 200) throw new Error(`accepting as ${role}: ${answer.status} ${answer.text}`);
    members.set(role, headersOf(cookieOf(answer), 'main', whetstone.url));
  }
  return members;
}

export async function ownerHeaders(whetstone: Whetstone, slug = 'main'): Promise<Record<string, string>> {
  return headersOf(await signIn(whetstone.url, owner.email, owner.password), slug, whetstone.url);
}

/** A second workspace of the same owner, and a key with all rights in it. */
export async function secondWorkspace(whetstone: Whetstone, name: string): Promise<{ slug: string; key: string }> {
  const headers = await ownerHeaders(whetstone, '');
  const { slug } = await caller(whetstone.url, headers)<{ slug: string }>('POST', '/v5/workspaces', { name });
  const inside = caller(whetstone.url, { ...headers, 'x-whetstone-workspace': slug });
  const { key } = await inside<{ key: string }>('POST', '/v5/api-keys', { name: 'all', role: 'admin' });
  return { slug, key };
}

export interface Example {
  method: string;
  /** With its query. */
  path: string;
  body?: Record<string, unknown>;
}

/**
 * A request to the endpoint that would succeed, on these objects. Throws for a placeholder that it does not know: whoever
 * adds a resource adds its object here.
 */
export function exampleOf(name: EndpointName, objects: Objects): Example {
  const endpoint: Endpoint = endpoints[name];
  const [, resource = ''] = endpoint.path.split('/');
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_all, placeholder: string) => {
    const found = placeholderValue(placeholder, endpoint.path, resource, objects);
    if (!found) throw new Error(`No object for {${placeholder}} of ${endpoint.path}`);
    return found;
  });
  const query = queries(objects, resource)[name];
  const body = endpoint.body === undefined ? undefined : (bodies(objects)[name] ?? {});
  return {
    method: endpoint.method,
    path: `/v5${path}${query === undefined ? '' : `?${new URLSearchParams(query).toString()}`}`,
    ...(body === undefined ? {} : { body }),
  };
}

function placeholderValue(placeholder: string, path: string, resource: string, objects: Objects): string | undefined {
  if (placeholder === 'log_id') return objects.logs;
  if (path.includes('/environment-variables/')) return placeholder === 'name' ? variable : objects.tools;
  if (placeholder === 'user') return endUser;
  if (placeholder === 'source') return 'humanloop';
  if (placeholder === 'version_id') return objects.versions[resource];
  if (placeholder === 'environment_id') return objects.staging;
  if (placeholder === 'run_id') return objects.runs;
  if (placeholder === 'backfill_id') return objects.backfills;
  if (placeholder === 'rule_id') return objects.datasetRules;
  if (placeholder === 'item_id') return objects.reviewItems;
  if (path.includes('/against-people') || path.includes('/label-next')) return objects.judge.id;
  if (placeholder === 'evaluator_version_id') return objects.versions['evaluators'];
  if (path.startsWith('/me/sessions')) return objects.sessions;
  const own = objects[resource as keyof Objects];
  return typeof own === 'string' ? own : undefined;
}

function queries(objects: Objects, resource: string): Partial<Record<EndpointName, Record<string, string>>> {
  const version = { version_id: objects.versions[resource] ?? '' };
  const diff = { from: version.version_id, to: version.version_id };
  return {
    'logs.judgments': { file_id: objects.prompts },
    'workspace.delete': { confirm: 'not its name' },
    'evaluators.subject': { log_id: objects.logs },
    'evaluators.against_people': { human_id: objects.votes },
    'reports.cases': { evaluator: objects.versions['evaluators'] ?? '' },
    'reports.slices': { by: 'model' },
    'reports.export': { format: 'csv' },
    'gates.check': { version_id: objects.versions['prompts'] ?? '' },
    'datasets.changes': diff,
    'datasets.preview_import': { format: 'csv' },
    'datasets.import': { format: 'csv' },
    'experiments.assignment': { unit: endUser },
    'monitors.series': { start_date: '2026-01-01T00:00:00Z' },
    'prices.reset': { model: 'gpt-4o', provider: 'openai' },
    'limits.delete': { subject: 'user', id: 'whom nobody limits' },
    'logs.delete': { id: objects.logs },
    'prompts.set_deployment': version,
    'tools.set_deployment': version,
    'evaluators.set_deployment': version,
    'flows.set_deployment': version,
    'datasets.set_deployment': version,
    'agents.set_deployment': version,
    'prompts.diff': diff,
    'tools.diff': diff,
    'evaluators.diff': diff,
    'flows.diff': diff,
    'datasets.diff': diff,
    'agents.diff': diff,
  };
}

function bodies(objects: Objects): Partial<Record<EndpointName, Record<string, unknown>>> {
  const estimate = { dataset: { id: objects.datasets }, versions: [{ id: objects.prompts }] };
  return {
    'me.update': { name: 'Somebody' },
    'workspaces.create': { name: 'Another' },
    'workspace.transfer': { user_id: objects.members },
    'invitations.create': { role: 'viewer' },
    'api_keys.create': { name: 'new', role: 'viewer' },
    'credentials.create': { name: 'new', provider: 'openai', secret: 'sk-new', base_url: `${nowhere}/v1` },
    'credentials.update': { name: 'renamed' },
    'prices.set': { model: 'gpt-4o', provider: 'openai', input_per_million: 1, output_per_million: 2 },
    'routes.set': { targets: [{ model: 'demo-small' }] },
    'limits.set': { subject: 'user', id: 'somebody', requests_per_minute: 1000 },
    'otel.set_rules': { rules: [] },
    'environments.create': { name: 'qa' },
    'environments.update': { name: 'renamed' },
    'webhooks.create': { url: `${nowhere}/hook`, events: ['file.deleted'] },
    'prompts.upsert': { id: objects.prompts, model: 'demo-small' },
    'tools.upsert': { id: objects.tools, function: { name: 'other' } },
    'evaluators.upsert': { id: objects.evaluators, spec: { evaluator_type: 'human', arguments_type: 'target_free', return_type: 'text' } },
    'datasets.upsert': { id: objects.datasets, datapoints: [{ inputs: { other: '1' } }] },
    'evaluations.create': { file: { id: objects.prompts }, evaluators: [{ id: objects.evaluators }] },
    'evaluations.add_evaluators': { evaluators: [{ id: objects.evaluators }] },
    'evaluations.create_run': { orchestrated: false },
    'evaluations.update_evaluation_run': { control: true },
    'evaluations.add_logs_to_run': { log_ids: [objects.logs] },
    'evaluations.create_runs': { runs: [{ orchestrated: false }] },
    'evaluations.estimate': estimate,
    'evaluations.estimate_new': estimate,
    'reports.set': { margin: 0.1 },
    'results.keep': { branch: 'main' },
    'gates.set': { gates: [{ evaluation: mark }] },
    'experiments.plan': { file_id: objects.prompts, metric: { value: 'vote:good' }, smallest_difference: 0.05 },
    'experiments.create': {
      ...experimentBody,
      file_id: objects.prompts,
      arms: [{ weight: 0.5 }, { version_id: objects.versions['prompts'], weight: 0.5 }],
    },
    'experiments.update': { name: 'renamed' },
    'experiments.stop': { reason: 'Enough.' },
    'experiments.promote': { arm_id: 'b' },
    'feedback.create': { log_id: objects.logs, kind: 'vote', value: 'good', user: 'u_1' },
    'api_keys.update': { origins: ['https://example.com'] },
    'monitors.create': { file_id: objects.flows, evaluator: { version_id: objects.judge.version_id } },
    'monitors.update': { rate: 0.5 },
    'monitors.estimate_backfill': { start_date: '2026-01-01T00:00:00Z' },
    'monitors.create_backfill': { start_date: '2026-01-01T00:00:00Z' },
    'alerts.create': { name: 'another', rule },
    'alerts.update': { rule },
    'alerts.mute': { until: null },
    'reviews.create': { name: 'another', evaluators: [{ id: objects.evaluators }], source: { type: 'logs', log_ids: [objects.logs] } },
    'reviews.update': { name: 'renamed' },
    'reviews.answer': { answers: [{ evaluator_id: objects.evaluators, judgment: 'fine' }] },
    'reviews.comment': { text: 'Why?' },
    'reviews.resolve': { answers: [{ evaluator_id: objects.evaluators, judgment: 'fine' }] },
    'evaluators.label_next': { human_id: objects.votes },
    'datasets.edit': { base_version_id: objects.versions['datasets'] ?? '', added: [{ datapoint: { inputs: { question: 'more' } } }] },
    'datasets.add_from_logs': { log_ids: [objects.logs] },
    'dataset_rules.create': { name: 'another', filter: 'status:error' },
    'dataset_rules.preview': { filter: 'status:error' },
    'dataset_rules.update': { name: 'renamed' },
    'dataset_proposals.decide': { dismiss: ['case_of_nobody'] },
    'datasets.generate': { model: 'demo-small', n: 1 },
    'flows.upsert': { id: objects.flows, attributes: { other: 1 } },
    'prompts.populate': { question: 'what?' },
    'prompts.deserialize': { prompt: '---\nmodel: demo-small\nendpoint: chat\n---\n<user>\nHello\n</user>\n' },
    'files.retrieve_by_path': { path: `dir/${mark}-prompt` },
    'directories.create': { path: 'made' },
    'prompts.call': { id: objects.prompts, inputs: { question: 'what?' } },
    'prompts.log': { id: objects.prompts, output: 'x', messages: [] },
    'prompts.update_log': { output: 'changed' },
    'tools.log': { id: objects.tools, output: 'x' },
    'tools.update': { output: 'changed' },
    'tools.call': { id: objects.tools, inputs: {} },
    // A list, where all others are objects.
    'tools.add_environment_variable': [{ name: 'OTHER', value: 'x' }] as unknown as Record<string, unknown>,
    'agents.upsert': { id: objects.agents, model: 'demo-small' },
    'agents.call': { id: objects.agents, inputs: { question: 'what?' } },
    'agents.continue_call': { log_id: objects.logs, messages: [] },
    'agents.log': { id: objects.agents, output: 'x' },
    'agents.update_log': { output: 'changed' },
    'agents.deserialize': { agent: '---\nmodel: demo-small\nmax_iterations: 2\n---\n<user>\nHello\n</user>\n' },
    'flows.log': { id: objects.flows, output: 'x' },
    'flows.update_log': { output: 'changed' },
    'evaluators.try': { evaluator: { version_id: objects.versions['evaluators'] ?? '' }, log_ids: [objects.logs] },
    'evaluators.check': {
      spec: { evaluator_type: 'python', arguments_type: 'target_free', return_type: 'boolean', code: 'def f(log): return True' },
    },
    'evaluators.log': { id: objects.evaluators, parent_id: objects.logs, judgment: 'fine' },
  };
}

import { randomBytes } from 'node:crypto';
import { systemScope } from '@whetstone/contract';
import { createSandbox } from '@whetstone/sandbox';
import type { Logger } from 'pino';
import manifest from '../package.json' with { type: 'json' };
import type { Config } from './config.ts';
import { createAgents } from './agents/index.ts';
import { createCuration } from './curation/index.ts';
import { createDemo } from './demo/index.ts';
import { createEvaluations } from './evaluations/index.ts';
import { createExperiments } from './experiments/index.ts';
import { createExchange } from './exchange/index.ts';
import { createFeedback } from './feedback/index.ts';
import { createFiles, type FileGuard } from './files/index.ts';
import { createGates } from './gates/index.ts';
import { createGateway, operatorProviders } from './gateway/index.ts';
import { createHooks } from './hooks/index.ts';
import { createHttp, createIdempotency, logPresenter, readLogFilter } from './http/index.ts';
import { createJudges } from './judges/index.ts';
import { createJobs } from './jobs/index.ts';
import { createLogs } from './logs/index.ts';
import { createMonitors } from './monitors/index.ts';
import { createOperate, removeRunFile, writeRunFile } from './operate/index.ts';
import { createOtlp } from './otlp/index.ts';
import { createOutbound } from './outbound/index.ts';
import { createMail, createPeople, openVault } from './people/index.ts';
import { createReports } from './reports/index.ts';
import type { Storage } from './storage/index.ts';
import { createReviews } from './reviews/index.ts';
import { createRules } from './rules/index.ts';
import { createTools } from './tools/index.ts';
import { cacheSettings } from './settings-cache.ts';

const { version } = manifest;

export interface Running {
  url: string;
  /** Roof first: doors, then what works behind them, then the stores. */
  stop(): Promise<void>;
  /** What may wait until people can connect: demo data and housekeeping. */
  afterReady(): Promise<void>;
}

/** Calls, then jobs, may use this up; with what follows a stop takes less than the 10 s that init systems grant. */
const drainDeadlineMs = 7_000;

/** Wires the rooms bottom-up, on stores that are being opened. */
export async function start(config: Config, deps: { log: Logger; webDir: string; storage: Promise<Storage> }): Promise<Running> {
  const { log } = deps;
  const clock = (): Date => new Date();
  let url = config.publicUrl?.origin ?? `http://127.0.0.1:${config.port}`;

  const storage = await deps.storage;
  const outbound = createOutbound({ allowPrivate: config.allowPrivateUrls });
  const vault = await openVault({ storage, secret: config.secret, log });
  const people = createPeople({
    storage,
    vault,
    url: () => url,
    log,
    oidc: config.oidc,
    smtpUrl: config.smtpUrl,
    operatorCredentials: operatorProviders.flatMap(({ id, variables }) => {
      const given = config.operatorCredential(variables);
      return given === null ? [] : [{ provider: id, ...given }];
    }),
    checkUrl: async (text) => void outbound.checkUrl(text),
    allowPrivateUrls: config.allowPrivateUrls,
    openWorkspaces: config.openWorkspaces,
  });
  const jobs = createJobs({ storage, log });
  const settings = cacheSettings(people);
  // What rooms above refuse to see deleted.
  const guards: FileGuard[] = [];
  const filesWith = (time: () => Date, its = guards) =>
    createFiles({
      guards: its,
      storage,
      audit: people.audit,
      users: people.users,
      clock: time,
      randomBytes,
      onFileDeleted: (scope, fileId, transaction) =>
        jobs.enqueue('logs.delete_of_file', { workspaceId: scope.workspaceId, fileId }, { transaction }),
    });
  const files = await filesWith(clock);
  const logs = createLogs({ storage, settings, replicated: config.databaseUrl !== null, log });
  const feedback = createFeedback({ storage, files, logs, replicated: config.databaseUrl !== null, log, clock });
  logs.onRecorded((scope, entry) => feedback.recorded(scope, entry));
  const hooks = createHooks({ storage, vault, jobs, audit: people.audit, outbound });
  const calling = { storage, audit: people.audit, logs, credentials: people.credentials, outbound, log, failClosed: config.failClosed };
  const experimentsWith = (time: () => Date, itsFiles: typeof files, its: FileGuard[]) =>
    createExperiments({
      storage,
      audit: people.audit,
      files: itsFiles,
      logs,
      hooks,
      guards: its,
      replicated: config.databaseUrl !== null,
      log,
      clock: time,
      randomBytes,
    });
  const experiments = await experimentsWith(clock, files, guards);
  guards.push(experiments.guard);
  const gateway = await createGateway({ ...calling, files, experiments, clock });
  const sandbox = createSandbox({ python: config.python, modules: config.pythonModules, log });
  const tools = createTools({ ...calling, files, gateway, vault, audit: people.audit, sandbox });
  const agents = createAgents({ ...calling, files, experiments, gateway, tools });
  const presenter = logPresenter({ people, files, logs });
  const judges = createJudges({
    sandbox,
    gateway,
    files,
    logs,
    present: (scope, some, descendants) => presenter.logs(scope, some, { judgments: false, descendants }),
  });
  const curation = createCuration({ files, logs, gateway });
  const rules = createRules({
    storage,
    files,
    logs,
    curation,
    readFilter: (scope, text) => readLogFilter({ files }, scope, text),
    log,
    clock,
    randomBytes,
  });
  const evaluations = createEvaluations({ storage, files, logs, gateway, tools, agents, judges, log, clock, randomBytes });
  const reports = createReports({ storage, files, logs, clock });
  const mail = config.smtpUrl === null ? null : createMail(config.smtpUrl, log);
  const monitors = createMonitors({
    storage,
    files,
    logs,
    judges,
    hooks,
    mail,
    readFilter: (scope, text) => readLogFilter({ files }, scope, text),
    url: () => url,
    slugOf: async (workspaceId) => (await people.workspaces.all()).find(({ id }) => id === workspaceId)?.slug ?? workspaceId,
    replicated: config.databaseUrl !== null,
    log,
    clock,
    randomBytes,
  });
  guards.push(monitors.guard);
  logs.onRecorded((scope) => monitors.wake(scope));
  logs.onCompleted((scope) => monitors.wake(scope));
  logs.onRecorded((scope, entry) => {
    evaluations
      .attach(scope, entry)
      .catch((error: unknown) => log.warn({ err: error }, 'a log was not taken into the runs that wait for it'));
  });
  const reviews = createReviews({ storage, files, logs, evaluations, people, log, clock, randomBytes });
  logs.onCompleted((scope, entry) => {
    evaluations.completed(scope, entry).catch((error: unknown) => log.warn({ err: error }, 'a complete trace did not wake its run'));
  });
  logs.onRecorded((scope, entry) => reviews.recorded(scope, entry));
  const gates = createGates({
    storage,
    files,
    evaluations,
    reports,
    audit: people.audit,
    pageOf: async (scope, evaluationId) => `${url}/w/${(await people.workspaces.get(scope)).slug}/evaluations/${evaluationId}`,
    clock,
    randomBytes,
  });
  guards.push(gates.guard);
  const gatewayWith = (time: () => Date, rooms: { files: typeof files; experiments: typeof experiments }) =>
    createGateway({ ...calling, ...rooms, clock: time, demoSpeed: Infinity });
  const demo = createDemo({ storage, people, logs, filesWith, experimentsWith, gatewayWith, log });
  const otlp = createOtlp({
    storage,
    files,
    experiments,
    logs,
    prices: gateway.prices,
    maxBodyBytes: config.maxBodyBytes,
    replicated: config.databaseUrl !== null,
    log,
  });
  const exchange = createExchange({
    storage,
    files,
    logs,
    evaluations,
    reports,
    monitors,
    reviews,
    gates,
    rules,
    experiments,
    feedback,
    people,
    gateway,
    hooks,
    otlp,
    tools,
  });
  const erase = async (): Promise<void> => {
    // As they are now, not as they were a second ago: what is erased does not come back.
    const kept = new Map((await people.workspaces.all()).map((workspace) => [workspace.id, workspace]));
    await logs.erase(clock(), async (workspaceId) => {
      const known = kept.get(workspaceId);
      return { days: known?.retentionDays ?? null, environments: known?.environmentRetentionDays ?? {} };
    });
  };
  const sweep = async (): Promise<void> => void (await logs.sweepBlobs(clock()));
  const operate = createOperate({ storage, logs, people, version, erase: () => erase().then(sweep) });

  files.onEvent((event, transaction) => hooks.publish(event, transaction));
  people.workspaces.onCreated(async (workspace) => {
    // The demo prepares its own, with its clock set back.
    if (workspace.demo === 'none') await files.prepareWorkspace(workspace.id);
  });
  people.workspaces.onDeleted(async (workspaceId) => {
    await files.deleteWorkspace(workspaceId);
    await feedback.deleteWorkspace(workspaceId);
    await experiments.deleteWorkspace(workspaceId);
    await gateway.deleteWorkspace(workspaceId);
    await otlp.deleteWorkspace(workspaceId);
    await evaluations.deleteWorkspace(workspaceId);
    await monitors.deleteWorkspace(workspaceId);
    await reviews.deleteWorkspace(workspaceId);
    await gates.deleteWorkspace(workspaceId);
    await rules.deleteWorkspace(workspaceId);
    await tools.deleteWorkspace(workspaceId);
    await agents.deleteWorkspace(workspaceId);
    await exchange.deleteWorkspace(workspaceId);
    await jobs.enqueue('logs.delete_of_workspace', { workspaceId });
  });
  jobs.work('logs.delete_of_file', async ({ workspaceId, fileId }) => {
    const scope = systemScope(workspaceId, 'jobs');
    await logs.deleteFile(scope, fileId);
    await feedback.deleteFile(scope, fileId);
    await agents.deleteFile(scope, fileId);
  });
  jobs.work('logs.delete_of_workspace', async ({ workspaceId }) => logs.deleteWorkspace(workspaceId));
  jobs.work('datasets.rules', (_, { signal }) => rules.sweep(signal));
  jobs.schedule('datasets.rules', '* * * * *', {});
  jobs.work('logs.erase', erase);
  jobs.work('logs.sweep_blobs', sweep);
  jobs.schedule('logs.sweep_blobs', '43 3 * * *', {});
  jobs.schedule('logs.erase', '17 * * * *', {});
  const idempotency = createIdempotency({ storage, secret: vault.derive('idempotency'), log });
  jobs.work('idempotency.forget', async () => idempotency.forget(clock()));
  jobs.schedule('idempotency.forget', '27 * * * *', {});

  await people.ensureInitial(config.init);
  await refuseOpenDoor(config, people);
  const http = await createHttp({
    config,
    log,
    version,
    storage,
    people,
    files,
    logs,
    feedback,
    gateway,
    agents,
    tools,
    evaluations,
    experiments,
    reports,
    judges,
    monitors,
    curation,
    rules,
    hooks,
    operate,
    otlp,
    exchange,
    reviews,
    gates,
    idempotency,
    sandbox,
    webDir: deps.webDir,
  });
  url = await http.listen();
  writeRunFile(config.dataDir, { url: `http://${loopbackOf(config.host)}:${config.port}`, token: operate.token, pid: process.pid });

  let stopping = false;
  let housekeeping: Promise<void> | undefined;
  const keepHouse = async (): Promise<void> => {
    const steps = [
      () => jobs.start({ work: config.roles.has('worker') }),
      () => people.rotateCredentials(),
      () => hooks.rotateSecrets(),
      () => tools.rotateVariables(),
      () => sandbox.probe(),
      async () => config.roles.has('worker') && feedback.start(),
      async () => config.roles.has('worker') && evaluations.start(),
      async () => config.roles.has('worker') && monitors.start(),
      async () => config.roles.has('worker') && reviews.start(),
      async () => config.roles.has('worker') && experiments.start(),
      async () => config.demo && config.roles.has('worker') && demo.load(),
    ];
    for (const step of steps) if (!stopping) await step();
  };

  return {
    url,
    afterReady: () => (housekeeping ??= keepHouse()),
    async stop() {
      stopping = true;
      removeRunFile(config.dataDir);
      demo.stop();
      // What was begun in the background ends before the stores that it stands on; its errors were told already.
      await housekeeping?.catch(() => undefined);
      const until = performance.now() + drainDeadlineMs;
      await http.close(drainDeadlineMs);
      await Promise.all([evaluations.close(), monitors.close(), experiments.close()]);
      await mail?.close();
      await reviews.close();
      await Promise.all([jobs.stop(Math.max(500, until - performance.now())), agents.close(), tools.close(), gateway.close()]);
      await Promise.all([sandbox.close(), judges.close()]);
      await otlp.close();
      await feedback.close();
      await logs.close();
      await Promise.all([files.close(), people.close(), outbound.close()]);
      await storage.close();
    },
  };
}

/** T9: whoever comes first makes the owner, so an address that others reach needs one before it opens. */
async function refuseOpenDoor(config: Config, people: { needsOwner(): Promise<boolean> }): Promise<void> {
  if (['127.0.0.1', 'localhost', '::1'].includes(config.host) || !(await people.needsOwner())) return;
  throw new Error(
    `HOST is ${config.host}, which others can reach, and there is no owner yet. Set WHETSTONE_INIT_EMAIL and WHETSTONE_INIT_PASSWORD, or make the owner on 127.0.0.1 first.`,
  );
}

function loopbackOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

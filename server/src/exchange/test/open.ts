import { randomBytes } from 'node:crypto';
import { createSandbox } from '@whetstone/sandbox';
import { createAgents } from '../../agents/index.ts';
import { createJudges } from '../../judges/index.ts';
import { createEvaluations, type Evaluations } from '../../evaluations/index.ts';
import { createMonitors, type Monitors } from '../../monitors/index.ts';
import { createFeedback, type Feedback } from '../../feedback/index.ts';
import { createFiles, type Files } from '../../files/index.ts';
import { createGates } from '../../gates/index.ts';
import { createGateway } from '../../gateway/index.ts';
import { createHooks } from '../../hooks/index.ts';
import { createJobs } from '../../jobs/index.ts';
import { createLogs, type Logs } from '../../logs/index.ts';
import { createOtlp } from '../../otlp/index.ts';
import { createOutbound } from '../../outbound/index.ts';
import { openVault, type People } from '../../people/index.ts';
import { openPeople } from '../../people/fixtures.ts';
import { createReports } from '../../reports/index.ts';
import { createCuration } from '../../curation/index.ts';
import { createExperiments, type Experiments } from '../../experiments/index.ts';
import { createRules } from '../../rules/index.ts';
import { createReviews } from '../../reviews/index.ts';
import type { Storage } from '../../storage/index.ts';
import { openTestStorage, silent } from '../../test/storage.ts';
import { createTools } from '../../tools/index.ts';
import { createExchange, type Exchange } from '../index.ts';

/** The room on real stores, with all that it reads and writes. */
export interface ExchangeHouse {
  storage: Storage;
  people: People;
  files: Files;
  logs: Logs;
  evaluations: Evaluations;
  monitors: Monitors;
  experiments: Experiments;
  feedback: Feedback;
  exchange: Exchange;
  close(): Promise<void>;
}

export async function openExchange(): Promise<ExchangeHouse> {
  const storage = await openTestStorage();
  const { people } = await openPeople(storage);
  const { audit, credentials } = people;
  const vault = await openVault({ storage, secret: null, log: silent });
  const outbound = createOutbound({ allowPrivate: true });
  const jobs = createJobs({ storage, log: silent });
  const clock = (): Date => new Date();
  const files = await createFiles({ storage, audit, clock, randomBytes });
  const logs = createLogs({ storage, settings: () => ({ redaction: [] }) });
  const feedback = createFeedback({ storage, files, logs, replicated: false, log: silent, clock });
  const gateway = await createGateway({ storage, audit, files, logs, outbound, credentials });
  const sandbox = createSandbox({ log: silent });
  const tools = createTools({
    storage,
    files,
    logs,
    gateway,
    outbound,
    vault,
    credentials,
    audit,
    log: silent,
    sandbox,
  });
  const agents = createAgents({ storage, files, logs, gateway, tools, log: silent });
  // Nothing runs here: what moves is what is stored.
  const judges = createJudges({ sandbox, gateway, files, logs, present: async () => [] });
  const evaluations = createEvaluations({ storage, files, logs, gateway, tools, agents, judges, log: silent, clock, randomBytes });
  const hooks = createHooks({ storage, vault, jobs, audit, outbound });
  const experiments = await createExperiments({
    storage,
    audit,
    files,
    logs,
    hooks,
    guards: [],
    replicated: false,
    log: silent,
    clock,
    randomBytes,
  });
  const otlp = createOtlp({ storage, files, experiments, logs, prices: gateway.prices, maxBodyBytes: 1 << 20, replicated: false });
  const monitors = createMonitors({
    storage,
    files,
    logs,
    judges,
    hooks,
    mail: null,
    readFilter: async () => null,
    url: () => 'http://127.0.0.1',
    slugOf: async () => 'test',
    replicated: false,
    log: silent,
    clock,
    randomBytes,
  });
  const reports = createReports({ storage, files, logs, clock });
  const reviews = createReviews({ storage, files, logs, evaluations, people, log: silent, clock, randomBytes });
  const gates = createGates({ storage, files, evaluations, reports, audit, pageOf: async () => null, clock, randomBytes });
  const curation = createCuration({ files, logs, gateway });
  const rules = createRules({ storage, files, logs, curation, readFilter: async () => null, log: silent, clock, randomBytes });
  return {
    storage,
    people,
    files,
    logs,
    evaluations,
    monitors,
    experiments,
    feedback,
    exchange: createExchange({
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
    }),
    async close() {
      await Promise.all([evaluations.close(), experiments.close()]);
      await sandbox.close();
      await Promise.all([otlp.close(), tools.close(), gateway.close()]);
      await Promise.all([logs.close(), files.close(), people.close(), outbound.close()]);
      await storage.close();
    },
  };
}

import { AppError, type OtelRule, type Scope, systemScope } from '@whetstone/contract';
import { accept } from './accept.ts';
import { Completion } from './completion.ts';
import type { Otlp, OtlpDeps } from './index.ts';
import { OpenTraces } from './open-traces.ts';
import { createOtlpStore } from './store.ts';
import { Targets } from './targets.ts';
import { encodingOf, readBatch, uncompressed } from './wire/body.ts';

const freshMs = 5_000;
const everyMs = 1_000;

export function createOtlp(deps: OtlpDeps): Otlp {
  const now = deps.now ?? Date.now;
  const store = createOtlpStore(deps.storage, () => new Date(now()));
  const traces = new OpenTraces(now, deps.replicated);
  const targets = new Targets(deps.files, now);
  const rules = remembered(now, (workspaceId) => store.readRules(workspaceId));
  const environments = remembered(now, async (workspaceId) => {
    const list = await deps.files.environments.list(systemScope(workspaceId, 'otlp'));
    return new Map(list.map(({ name, id }) => [name, id]));
  });
  const completion = new Completion({
    deps,
    traces,
    store,
    rootless: async (workspaceId) => {
      const { snapshot } = await deps.files.upsert(systemScope(workspaceId, 'otlp'), 'flow', { path: 'otel/without root', kernel: {} });
      return { fileId: snapshot.file.id, versionId: snapshot.version.id, contentHash: snapshot.version.contentHash };
    },
  });
  const parts = {
    deps,
    traces,
    targets,
    rules: ({ workspaceId }: Scope) => rules.get(workspaceId),
    environmentId: async ({ workspaceId, actor }: Scope, name: string | null) => {
      // A key that is bound to an environment writes there, whatever the sender says.
      const wanted = actor.type === 'key' ? (actor.environment ?? name) : name;
      return wanted === null ? null : ((await environments.get(workspaceId)).get(wanted) ?? null);
    },
  };
  let running: Promise<void> = Promise.resolve();
  const completeDue = (at: number): Promise<void> => (running = running.then(() => completion.run(at)));
  const timer = setInterval(() => {
    completeDue(now()).catch((error: unknown) => {
      running = Promise.resolve();
      deps.log?.warn({ err: error }, 'traces were not completed; it is tried again');
    });
  }, everyMs);
  return {
    async accept(scope, { body, contentType, contentEncoding }) {
      const bytes = await uncompressed(body, contentEncoding, deps.maxBodyBytes);
      return accept(parts, scope, readBatch(bytes, encodingOf(bytes, contentType)));
    },
    rules: async (scope) => store.readRules(scope.workspaceId),
    async setRules(scope, wanted) {
      checkRules(wanted);
      await store.writeRules(scope.workspaceId, wanted);
      rules.forget(scope.workspaceId);
      return [...wanted];
    },
    completeDue,
    async deleteWorkspace(workspaceId) {
      traces.forget(workspaceId);
      targets.forget(workspaceId);
      rules.forget(workspaceId);
      environments.forget(workspaceId);
      await store.removeAll(workspaceId);
    },
    async close() {
      clearInterval(timer);
      // What is open is in the database before the stores close; the next process completes it.
      await completeDue(now()).catch((error: unknown) => deps.log?.warn({ err: error }, 'open traces were not written down'));
    },
  };
}

function checkRules(rules: readonly OtelRule[]): void {
  for (const [at, { when }] of rules.entries()) {
    for (const [index, { is, value }] of when.entries()) {
      if (is === 'present' || (value ?? '') !== '') continue;
      const loc = ['body', 'rules', at, 'when', index, 'value'];
      throw new AppError('invalid_input', `Rule ${at + 1} compares with nothing; give a \`value\`, or say \`present\`.`, {
        details: [{ loc, msg: 'field required', type: 'value_error.missing' }],
      });
    }
  }
}

/** A value a workspace, some seconds old at most; the last known one while the database is away. */
function remembered<T>(now: () => number, load: (workspaceId: string) => Promise<T>) {
  const known = new Map<string, { at: number; value: Promise<T> }>();
  return {
    get(workspaceId: string): Promise<T> {
      const last = known.get(workspaceId);
      if (last !== undefined && now() - last.at < freshMs) return last.value;
      const asked = load(workspaceId);
      const value = last === undefined ? asked : asked.catch(() => last.value);
      known.set(workspaceId, { at: now(), value });
      value.catch(() => known.delete(workspaceId));
      return value;
    },
    forget: (workspaceId: string) => void known.delete(workspaceId),
  };
}

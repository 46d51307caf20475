import { bundle } from './javascript/bundle.ts';
import { findPython, type Python, startBareNode, startNode, startPython } from './launch.ts';
import { javascriptWalls, levelOf, pythonWalls, type SandboxState } from './level.ts';
import { knownPackages, standardModules } from './python-modules.ts';
import { createRunner, type Readiness, type Runner } from './runner.ts';

export interface GroundDeps {
  python: string | null;
  modules: readonly string[];
  namespaces: boolean;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** What this machine has, and how strong the walls are that runners got. */
export interface Ground {
  startJavascript: () => Promise<Runner>;
  startPython: () => Promise<Runner>;
  state: () => SandboxState | null;
  /** Starts and ends one of each, so that the state is known. */
  probe: () => Promise<SandboxState>;
}

/** A way to start a runner, strongest first. */
type Way = () => Promise<{ runner: Runner; readiness: Readiness }>;

export function createGround(deps: GroundDeps): Ground {
  const { log } = deps;
  let sent: Buffer | undefined;
  const preload = (): Buffer => (sent ??= bundle());
  let interpreters: Promise<{ jail: Python | { missing: string }; python: Python | { missing: string } }> | undefined;
  let javascript: SandboxState['javascript'] | null = null;
  let python: SandboxState['python'] | null = null;

  const find = () =>
    (interpreters ??= (async () => {
      const found = await findPython(deps.python);
      // Evaluators run where the operator says or not at all, but any interpreter can lay the jail around JavaScript.
      return { python: found, jail: 'missing' in found && deps.python !== null ? await findPython(null) : found };
    })());
  const ready = async (runner: Runner) => ({ runner, readiness: await runner.readiness });
  const withNamespaces = deps.namespaces ? [true, false] : [false];

  async function javascriptWays(): Promise<{ ways: Way[]; why: string | null }> {
    const bare: Way = () => ready(createRunner(startBareNode(), preload()));
    const { jail } = await find();
    if ('missing' in jail) return { ways: [bare], why: jail.missing };
    const jailed = withNamespaces.map(
      (namespaces): Way =>
        () =>
          ready(createRunner(startNode(jail, { namespaces }), preload())),
    );
    return { ways: [...jailed, bare], why: null };
  }
  async function pythonWays(): Promise<{ ways: Way[]; why: string | null }> {
    const { python: interpreter } = await find();
    if ('missing' in interpreter) return { ways: [], why: interpreter.missing };
    const packages = deps.python === null ? [] : knownPackages;
    const modules = [...new Set([...standardModules, ...packages, ...deps.modules])];
    const ways = withNamespaces.map(
      (namespaces): Way =>
        () =>
          ready(createRunner(startPython(interpreter, modules, { namespaces }), null)),
    );
    return { ways, why: null };
  }

  /** The way that worked first is the only one from then on: nothing gets weaker while the server runs. */
  function starter(find: () => Promise<{ ways: Way[]; why: string | null }>, tell: (got: Readiness | { refused: string }) => void) {
    let chosen: Way | null = null;
    let choosing: Promise<Runner> | null = null;
    const choose = async (): Promise<Runner> => {
      const { ways, why } = await find();
      let refused = why;
      for (const way of ways) {
        try {
          const { runner, readiness } = await way();
          chosen = way;
          tell(readiness.jail === undefined ? { refused: refused ?? 'there is no jail' } : readiness);
          return runner;
        } catch (error) {
          refused = error instanceof Error ? error.message : String(error);
        }
      }
      tell({ refused: refused ?? 'there is no way to start it' });
      throw new Error(refused ?? 'there is no way to start it');
    };
    return async (): Promise<Runner> => {
      if (chosen === null && choosing === null) {
        choosing = choose();
        try {
          return await choosing;
        } finally {
          choosing = null;
        }
      }
      await choosing?.catch(() => undefined);
      if (chosen === null) return choose();
      return (await chosen()).runner;
    };
  }

  const state = (): SandboxState | null =>
    javascript === null || python === null ? null : { level: levelOf({ javascript, python }), javascript, python };
  const startJavascript = starter(javascriptWays, (got) => {
    javascript = javascriptWalls(got);
    if (javascript.walls === 'wasm-only')
      log.warn({ why: javascript.why }, 'JavaScript evaluators run without a jail, in WebAssembly only');
  });
  const startPythonRunner = starter(pythonWays, (got) => {
    python = pythonWalls(got);
    const optional = new Set<string>(knownPackages.filter((name) => !deps.modules.includes(name)));
    python.missing = python.missing.filter(({ module, why }) => !(optional.has(module) && why.startsWith('ModuleNotFoundError')));
    if (python.walls === 'disabled') log.warn({ why: python.why }, 'Python evaluators are disabled');
    for (const missing of python.missing) log.warn(missing, 'a Python module for evaluators could not be loaded');
  });

  let probing: Promise<SandboxState> | undefined;
  return {
    startJavascript,
    startPython: startPythonRunner,
    state,
    probe: () =>
      (probing ??= (async () => {
        for (const start of [startJavascript, startPythonRunner]) {
          const runner = await start().catch(() => null);
          runner?.kill();
          await runner?.exited;
        }
        const found = state() as SandboxState;
        const { level, javascript: js, python: py } = found;
        log.info({ sandbox: level, javascript: js.walls, python: py.walls, pythonVersion: py.version }, 'sandbox for evaluators');
        return found;
      })()),
  };
}

import type { Readiness } from './runner.ts';

/**
 * How strong the walls are. `hardened+ns`: a jail inside namespaces of its own. `hardened`: the jail. `wasm-only`: JavaScript
 * runs in WebAssembly in a process without a jail, and Python not at all. `python-disabled`: JavaScript is jailed, Python does
 * not run.
 */
export const levels = ['hardened+ns', 'hardened', 'wasm-only', 'python-disabled'] as const;
export type Level = (typeof levels)[number];

export interface SandboxState {
  level: Level;
  javascript: { walls: 'hardened+ns' | 'hardened' | 'wasm-only'; why: string | null };
  python: {
    walls: 'hardened+ns' | 'hardened' | 'disabled';
    /** Why it is no more than that. */
    why: string | null;
    version: string | null;
    /** Modules that code may import. */
    modules: string[];
    /** Modules that could not be loaded, with the reason. */
    missing: { module: string; why: string }[];
  };
}

/** Seccomp lets JavaScript's runner open files, so only Landlock or an empty root keeps it from reading them. */
export function javascriptWalls(readiness: Readiness | { refused: string }): SandboxState['javascript'] {
  if ('refused' in readiness) return { walls: 'wasm-only', why: readiness.refused };
  const { jail } = readiness;
  if (jail?.namespaces === true) return { walls: 'hardened+ns', why: null };
  if (jail === undefined) return { walls: 'wasm-only', why: 'there is no jail' };
  if (jail.landlock === 0) return { walls: 'wasm-only', why: 'this kernel has no Landlock, so files could be read' };
  return { walls: 'hardened', why: 'this machine allows no namespaces to ordinary users' };
}

export function pythonWalls(readiness: Readiness | { refused: string }): SandboxState['python'] {
  const none = { version: null, modules: [], missing: [] };
  if ('refused' in readiness) return { walls: 'disabled', why: readiness.refused, ...none };
  const entries = Object.entries(readiness.modules ?? {});
  return {
    walls: readiness.jail?.namespaces === true ? 'hardened+ns' : 'hardened',
    why: readiness.jail?.namespaces === true ? null : 'this machine allows no namespaces to ordinary users',
    version: readiness.version ?? null,
    modules: entries.flatMap(([name, why]) => (why === null ? [name] : [])),
    missing: entries.flatMap(([module, why]) => (why === null ? [] : [{ module, why }])),
  };
}

export function levelOf({ javascript, python }: Pick<SandboxState, 'javascript' | 'python'>): Level {
  if (javascript.walls === 'wasm-only') return 'wasm-only';
  if (python.walls === 'disabled') return 'python-disabled';
  return javascript.walls === 'hardened+ns' && python.walls === 'hardened+ns' ? 'hardened+ns' : 'hardened';
}

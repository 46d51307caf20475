import type { EmscriptenModuleLoader, QuickJSEmscriptenModule, QuickJSWASMModule } from 'quickjs-emscripten-core';
import { emit, readJob, report, wasm } from './pipes.ts';
import { check, type Job, type Outcome, type Program, programOf } from './program.ts';
import { Abandoned, nothingPrinted, Realm } from './realm.ts';

/**
 * What a jailed Node runs. `bundle.ts` makes one text of this file and those that it imports, without types; `bootstrap.js` runs
 * it. One job at a time, all of it synchronous but for the loading of QuickJS. A runner that saw anything but an ordinary
 * outcome says that it is worn, and the host ends it.
 */

declare function require(name: 'quickjs-emscripten-core'): typeof import('quickjs-emscripten-core');
declare function require(name: '@jitl/quickjs-wasmfile-release-sync'): typeof import('@jitl/quickjs-wasmfile-release-sync');
declare function require(name: '@jitl/quickjs-wasmfile-release-sync/emscripten-module'): EmscriptenModuleLoader<QuickJSEmscriptenModule>;
declare const WebAssembly: { Module: new (bytes: Buffer<ArrayBuffer>) => object };

const quickjs = require('quickjs-emscripten-core');
const compiled = new WebAssembly.Module(wasm);

function freshModule(): Promise<QuickJSWASMModule> {
  // The package would import its loader from a file.
  const importModuleLoader = async () => require('@jitl/quickjs-wasmfile-release-sync/emscripten-module');
  const variant = { ...require('@jitl/quickjs-wasmfile-release-sync').default, importModuleLoader };
  return quickjs.newQuickJSWASMModuleFromVariant(quickjs.newVariant(variant, { wasmModule: compiled }));
}

/** Where the tenant's own code failed, from QuickJS's stack. */
function placed(outcome: Outcome): Outcome {
  if (outcome.k !== 'error') return outcome;
  const { stack, ...rest } = outcome;
  const at = /evaluator\.js:(\d+)(?::(\d+))?/.exec(typeof stack === 'string' ? stack : '');
  return at === null ? rest : { ...rest, line: Number(at[1]), column: Number(at[2] ?? 1) };
}

function outcomeOf(kind: string): Outcome {
  if (kind === 'stuck') return { k: 'error', message: 'The function waits for a promise that never settles' };
  if (kind === 'timeout' || kind === 'memory') return { k: kind };
  return { k: 'error', message: 'The engine stopped' };
}

/** False after an outcome that the engine itself made: what it left behind is not to be trusted. */
function judgeRow(realm: Realm, job: Job, program: Program, number: number, row: string): boolean {
  let printed = nothingPrinted;
  let sent = false;
  try {
    const result = realm.run(job, number, program, row);
    printed = result.printed;
    const outcome = placed(JSON.parse(result.outcome) as Outcome);
    const engine = outcome.k === 'error' && /^InternalError: (out of memory|stack overflow|interrupted)/.exec(outcome.message ?? '')?.[1];
    send(number, job, engine === 'out of memory' ? { k: 'memory' } : outcome, printed);
    sent = true;
    return !engine;
  } catch (error) {
    if (!sent) send(number, job, outcomeOf(error instanceof Abandoned ? error.message : memoryOr(error)), printed);
    return false;
  }
}

function send(row: number, job: Job, outcome: Outcome, printed: string): void {
  const body = JSON.stringify(outcome);
  const bytes = Buffer.byteLength(body);
  emit('R', row, `${bytes > job.resultBytes ? JSON.stringify({ k: 'too-large', bytes }) : body}\n${printed}`);
}

function memoryOr(error: unknown): string {
  return /out of memory/i.test(String(error)) ? 'memory' : 'broken';
}

function rowsOf(body: Buffer): Buffer[] {
  const rows: Buffer[] = [];
  for (let place = 0; place < body.length;) {
    const length = body.readUInt32LE(place);
    rows.push(body.subarray(place + 4, place + 4 + length));
    place += 4 + length;
  }
  return rows;
}

/** Programs of one tenant, so that each is parsed once. */
class Programs {
  private readonly known = new Map<string, Program | Outcome>();

  of(job: Job): Program | Outcome {
    const key = `${job.language} ${job.entry ?? ''} ${job.source}`;
    const program = this.known.get(key) ?? programOf(job);
    if (this.known.size >= mostPrograms) this.known.clear();
    this.known.set(key, program);
    return program;
  }
}

const mostPrograms = 32;

async function serve(): Promise<void> {
  let realm = new Realm(await freshModule());
  let programs = new Programs();
  let used = false;
  report({ ready: true });
  for (;;) {
    const head = readJob(12);
    const [settings = Buffer.alloc(0), ...rows] = rowsOf(readJob(head.readUInt32LE(0)));
    const job = JSON.parse(settings.toString()) as Job;
    if (job.fresh && used) {
      realm = new Realm(await freshModule());
      programs = new Programs();
    }
    used = true;
    let sound = true;
    if (job.mode === 'check') emit('R', 0, `${JSON.stringify(check(job))}\n${nothingPrinted}`);
    else {
      const program = programs.of(job);
      for (const [number, row] of rows.entries()) {
        if ('k' in program) {
          send(number, job, program, nothingPrinted);
          continue;
        }
        if (judgeRow(realm, job, program, number, row.toString())) continue;
        sound = false;
        realm = new Realm(await freshModule());
      }
    }
    report({ status: 0, worn: !sound });
  }
}

void serve();

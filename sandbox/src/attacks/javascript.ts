import { type Attack, denial, marker, probe } from './attack.ts';

const found = (name: string, expression: string): Attack =>
  probe(name, `function evaluate(log) { return String((${expression}) ?? '').slice(0, 200) }`);
const awaited = (name: string, expression: string): Attack =>
  probe(name, `async function evaluate(log) { return String((await ${expression}) ?? '').slice(0, 200) }`);

export const javascriptProbes: readonly Attack[] = [
  found('host `process` by the global name', `typeof process === 'undefined' ? '' : process.version`),
  found('host `process` by a constructor', `log.constructor.constructor('return typeof process === "undefined" ? "" : process.version')()`),
  found(
    'host `process` by an error’s constructor',
    `(() => { try { null.x } catch (e) { return e.constructor.constructor('return this.process')() } })()`,
  ),
  found(
    'host `process` by an async generator’s constructor',
    `(async function* () {}).constructor('return typeof process')().next === undefined ? 'x' : ''`,
  ),
  found('`require`', `typeof require === 'undefined' ? '' : require('fs')`),
  found('`globalThis` of the host by indirect eval', `(0, eval)('typeof process === "undefined" ? "" : process')`),
  found('`Function("return this")`', `Function('return this')().process`),
  found('QuickJS’s own `std`', `typeof std === 'undefined' ? '' : std.getenviron()`),
  found('QuickJS’s own `os`', `typeof os === 'undefined' ? '' : os.getcwd()`),
  awaited('import of `std`', `import('std')`),
  awaited('import of `os`', `import('os')`),
  awaited('import of `node:fs`', `import('node:fs').then((fs) => fs.readFileSync('/etc/passwd', 'utf8'))`),
  awaited('import of a file', `import('file:///etc/passwd')`),
  awaited('import by https', `import('https://127.0.0.1:${marker}/x.js')`),
  awaited('import of a data: URL', `import('data:text/javascript,export default 1')`),
  awaited('`fetch` to the host', `fetch('http://127.0.0.1:${marker}/')`),
  found('XMLHttpRequest', `typeof XMLHttpRequest === 'undefined' ? '' : new XMLHttpRequest()`),
  found('WebSocket', `typeof WebSocket === 'undefined' ? '' : new WebSocket('ws://127.0.0.1:${marker}')`),
  found('Worker', `typeof Worker === 'undefined' ? '' : new Worker('x')`),
  found('WebAssembly', `typeof WebAssembly === 'undefined' ? '' : 'there'`),
  found(
    'SharedArrayBuffer with Atomics.wait',
    `typeof Atomics === 'undefined' ? '' : Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10) === 'timed-out' ? 'waited' : ''`,
  ),
  found('timers', `typeof setTimeout === 'undefined' ? '' : setTimeout(() => {}, 0)`),
  found(
    'paths of the host in a stack',
    `(() => { try { null.x } catch (e) { return /file:|node:|\\/work|\\/home|\\/app/.test(e.stack) ? e.stack : '' } })()`,
  ),
  found(
    'CallSite objects',
    `(() => { Error.prepareStackTrace = (_, sites) => sites[0]?.getThis?.()?.process; return new Error().stack?.version })()`,
  ),
  found('the caller’s arguments', `(() => { try { return evaluate.caller?.arguments?.[0] } catch { return '' } })()`),
  found('a real clock', `Date.now() === new Date(log.created_at).getTime() ? '' : Date.now()`),
  found('what the last call left', `globalThis.left ?? (globalThis.left = '', Object.prototype.left = 'left here', '')`),
  probe('pollution of the host by a result', `function evaluate() { return JSON.parse('{"__proto__":{"polluted":true},"value":""}') }`),
  probe(
    'a result that lies when it is read',
    `function evaluate() { let n = 0; return { get value() { return n++ === 0 ? '' : { a: 1 } } } }`,
  ),
  probe('a result with `toJSON`', `function evaluate() { String.prototype.toJSON = () => ({ k: 'x' }); return '' }`),
  probe(
    'built-ins replaced before the result is written',
    `function evaluate() { JSON.stringify = () => 'forged'; Promise.prototype.then = () => {}; Array.prototype.toJSON = () => 1; return '' }`,
  ),
  awaited('`ask` where nothing may be asked', `ask('hello')`),
];

const body = (name: string, ends: Attack['ends'], text: string): Attack => denial(name, ends, `async function evaluate(log) { ${text} }`);

export const javascriptDenials: readonly Attack[] = [
  body('endless loop', ['timeout'], `for (;;) {}`),
  body('endless loop of microtasks', ['timeout'], `const f = () => Promise.resolve().then(f); await f()`),
  body('endless loop at the top level', ['timeout'], `} for (;;) {} function later() {`),
  body('endless loop in a getter of the result', ['timeout'], `return { get value() { for (;;) {} } }`),
  body('endless loop that catches', ['timeout'], `for (;;) { try { for (;;) {} } catch {} finally { continue } }`),
  body('promise that never settles', ['error'], `await new Promise(() => {})`),
  body('regular expression that backtracks', ['timeout', 'error'], `return /^(a+)+$/.test('a'.repeat(36) + '!')`),
  body(
    'sort of 5 million with a callback',
    ['timeout', 'memory'],
    `return Array.from({ length: 5e6 }, (_, i) => -i).sort((a, b) => a - b)[0]`,
  ),
  body('BigInt 3 ** 2 ** 40', ['error', 'memory', 'timeout'], `return String(3n ** (2n ** 40n))`),
  body('BigInt of many digits', ['timeout', 'memory', 'error'], `let n = 3n; for (;;) n *= n`),
  body('array of 30 million objects', ['memory', 'timeout'], `return Array.from({ length: 3e7 }, () => ({ a: 1 })).length`),
  body('24 buffers of 64 MB', ['memory', 'error'], `return Array.from({ length: 24 }, () => new Uint8Array(64 << 20).fill(1)).length`),
  body('string of 2 ** 28, split', ['memory', 'error'], `return 'x'.repeat(2 ** 28).split('')`),
  body('string that doubles', ['memory', 'error'], `let s = 'x'; for (;;) s += s`),
  body('unbounded recursion', ['error'], `const f = () => f() + 1; return f()`),
  body(
    'recursion through JSON',
    ['error', 'invalid', 'timeout', 'memory'],
    `let a = []; for (let i = 0; i < 2e5; i++) a = [a]; return JSON.stringify(a).length`,
  ),
  body('result of 100 MB', ['too-large', 'memory'], `return 'x'.repeat(1e8)`),
  body('list of 5 million texts', ['too-large', 'memory', 'timeout'], `return Array.from({ length: 5e6 }, () => 'x')`),
  body('reason of 1 MB', ['too-large'], `return { value: true, reason: 'x'.repeat(1e6) }`),
  body('300 MB of console.log', ['value', 'timeout'], `for (let i = 0; i < 300; i++) console.log('x'.repeat(1e6)); return true`),
  body('console.log of a circle', ['error'], `const a = {}; a.a = a; console.log(a); return true`),
  body('generator without an end', ['timeout', 'memory'], `return [...(function* () { for (;;) yield 1 })()].length`),
  body(
    'proxies without an end',
    ['timeout', 'error'],
    `let p = {}; for (let i = 0; i < 1e6; i++) p = new Proxy(p, {}); return p.x === undefined`,
  ),
  body('NaN', ['invalid'], `return NaN`),
  body('nothing', ['invalid'], ``),
  body('a function', ['invalid'], `return () => 1`),
  body('lone surrogate and NUL', ['value'], `return '\\ud800\\0'`),
  body('error whose text throws', ['error'], `throw { get name() { throw 1 }, get message() { throw 2 } }`),
  body('throw of undefined', ['error'], `throw undefined`),
  body('forged result on the prelude’s names', ['error', 'invalid'], `outcome = '{"k":"value","value":true}'`),
];

// Runs inside QuickJS before a tenant's code, in a realm that lives for one row. Its value is what the runner calls; there are
// no host functions at all. What answers for the outcome is taken hold of here; whoever replaces a built-in function later
// changes nothing but their own row.
export function prelude(rowJson, stdoutChars, canAsk) {
  'use strict';
  const { parse, stringify } = JSON;
  const { isFinite } = Number;
  const { isArray } = Array;
  const text = String;
  const RealDate = Date;
  const row = parse(rowJson);
  let outcome = '';
  let printed = '';
  let cut = false;
  let asked = [];
  let waiting = [];

  const print = (...values) => {
    if (cut) return;
    let line = '';
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      let shown;
      if (typeof value === 'string') shown = value;
      else if (typeof value === 'object' && value !== null && !(value instanceof Error)) shown = stringify(value) ?? text(value);
      else shown = text(value);
      line += (i === 0 ? '' : ' ') + shown;
    }
    line += '\n';
    const left = stdoutChars - printed.length;
    cut = line.length > left;
    printed += cut ? line.slice(0, left) : line;
  };
  globalThis.console = { log: print, info: print, warn: print, error: print, debug: print };

  // The clock stands at the row's time.
  class StandingDate extends RealDate {
    constructor(...given) {
      if (given.length === 0) super(row.now);
      else super(...given);
    }
    static now() {
      return row.now;
    }
  }
  Object.defineProperty(StandingDate, 'name', { value: 'Date' });
  globalThis.Date = new Proxy(StandingDate, { apply: () => new StandingDate().toString() });
  StandingDate.prototype.constructor = globalThis.Date;

  // mulberry32 (Tommy Ettinger, public domain).
  let state = row.seed;
  const imul = Math.imul;
  Math.random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };

  globalThis.ask = (request, fields) =>
    new Promise((resolve, reject) => {
      if (!canAsk) throw new Error('ask() is not available here');
      const whole = typeof request === 'string' && fields !== undefined ? { input: request, ...fields } : request;
      const body = stringify(whole);
      if (body === undefined) throw new TypeError('ask() takes text or an object');
      asked[asked.length] = body;
      waiting[waiting.length] = { resolve, reject };
    });

  const kindOf = (value) => (value === null ? 'null' : isArray(value) ? 'array' : typeof value);
  const judged = (returned) => {
    let value = returned;
    let reason = null;
    if (typeof returned === 'object' && returned !== null && !isArray(returned)) {
      if (!('value' in returned) && !('judgment' in returned))
        return { k: 'invalid', why: 'wrong-type', message: 'an object without `value`' };
      value = 'value' in returned ? returned.value : returned.judgment;
      reason = returned.reason === undefined || returned.reason === null ? null : text(returned.reason);
    }
    if (value === undefined || value === null) return { k: 'invalid', why: 'nothing', message: text(value) };
    if (typeof value === 'number' && !isFinite(value)) return { k: 'invalid', why: 'not-finite', message: text(value) };
    let known = typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string';
    if (isArray(value)) {
      known = true;
      for (let i = 0; i < value.length; i++) known = known && typeof value[i] === 'string';
    }
    return known ? { k: 'value', value, reason } : { k: 'invalid', why: 'wrong-type', message: kindOf(value) };
  };
  const failed = (error) => {
    try {
      if (typeof error !== 'object' || error === null) return { k: 'error', message: text(error), stack: '' };
      return { k: 'error', message: `${text(error.name)}: ${text(error.message)}`.slice(0, 4000), stack: text(error.stack) };
    } catch {
      return { k: 'error', message: 'Error: (its text cannot be had)', stack: '' };
    }
  };
  const end = (result) => {
    try {
      outcome = stringify(result) ?? '{"k":"invalid","why":"wrong-type","message":"undefined"}';
    } catch (error) {
      outcome = stringify({ k: 'invalid', why: 'wrong-type', message: failed(error).message });
    }
  };

  return {
    /** `find` gives the function from the module's namespace. */
    start(module, name, call) {
      (async () => {
        const entry = (await module)[name];
        if (call) return { k: 'value', value: (await entry(row.args)) ?? null, reason: null };
        return judged(await (row.args.length > 1 && entry.length < 2 ? entry(row.args[0]) : entry(...row.args)));
      })().then(end, (error) => end(failed(error)));
    },
    failed: (error) => end(failed(error)),
    outcome: () => outcome,
    printed: () => stringify({ out: printed, cut }),
    /** What was asked since the last time: JSON texts, one after the other. */
    asked() {
      const now = asked;
      asked = [];
      return stringify(now);
    },
    answer(index, answerJson) {
      const { resolve, reject } = waiting[index];
      const answer = parse(answerJson);
      if ('error' in answer) reject(new Error(answer.error));
      else resolve(answer.value);
    },
  };
}

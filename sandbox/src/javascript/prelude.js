// Runs inside QuickJS before a tenant's code, in a realm that lives for one row. Its value is what the runner calls; there are
// no host functions at all. What answers for the outcome is taken hold of here; whoever replaces a built-in function later
// changes nothing but their own row. It is compiled for every row, so it is as short as it can be: `extras.js` has the rest.
export function prelude(seed) {
  'use strict';
  const { parse, stringify } = JSON;
  const { isFinite } = Number;
  const { isArray } = Array;
  const { imul } = Math;
  const text = String;
  let outcome = '';

  // mulberry32 (Tommy Ettinger, public domain).
  Math.random = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };

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
    return known ? { k: 'value', value, reason } : { k: 'invalid', why: 'wrong-type', message: isArray(value) ? 'array' : typeof value };
  };

  const failed = (error) => {
    try {
      if (typeof error !== 'object' || error === null) return { k: 'error', message: text(error), stack: '' };
      return { k: 'error', message: `${text(error.name)}: ${text(error.message)}`.slice(0, 4000), stack: text(error.stack) };
    } catch {
      return { k: 'error', message: 'Error: (its text cannot be had)', stack: '' };
    }
  };

  return {
    /** Calls `name` of the module with the row's arguments: all of them to those that take two. `call`: with one object, for any JSON. */
    async start(module, name, argsJson, call) {
      let result;
      try {
        const args = parse(argsJson);
        const entry = (await module)[name];
        if (call) result = { k: 'value', value: (await entry(args)) ?? null, reason: null };
        else result = judged(await (args.length > 1 && entry.length < 2 ? entry(args[0]) : entry(...args)));
      } catch (error) {
        result = failed(error);
      }
      try {
        outcome = stringify(result) ?? '{"k":"invalid","why":"wrong-type","message":"undefined"}';
      } catch (error) {
        outcome = stringify({ k: 'invalid', why: 'wrong-type', message: failed(error).message });
      }
    },
    failed(error) {
      outcome = stringify(failed(error));
    },
    outcome: () => outcome,
  };
}

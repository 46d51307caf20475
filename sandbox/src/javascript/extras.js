// `console` and `ask`, for code that names them: the prelude's other half, under the same rules.
export function extras(stdoutChars, canAsk) {
  'use strict';
  const { parse, stringify } = JSON;
  const text = String;
  let printed = '';
  let cut = false;
  let asked = [];
  const waiting = [];

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

  globalThis.ask = (request, fields) =>
    new Promise((resolve, reject) => {
      if (!canAsk) throw new Error('ask() is not available here');
      const whole = typeof request === 'string' && fields !== undefined ? { input: request, ...fields } : request;
      const body = stringify(whole);
      if (body === undefined) throw new TypeError('ask() takes text or an object');
      asked[asked.length] = body;
      waiting[waiting.length] = { resolve, reject };
    });

  return {
    printed: () => stringify({ out: printed, cut }),
    /** What was asked since the last time: a list of JSON texts. */
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

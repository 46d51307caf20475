import { type Random, type Watch, detect, newDetector } from '@whetstone/statistics';
import { bernoulli } from './draw.ts';
import { type Figure, type Setting, atLeast, averageOf } from './study.ts';

const suite = 'monitors';

/** Logs until the alarm, at most `limit`. */
function runLength(random: Random, watch: Watch, rate: number, limit: number): number {
  let detector = newDetector(watch);
  for (let t = 1; t <= limit; t += 1) {
    const step = detect(watch, detector, bernoulli(random, rate));
    if (step.alarm) return t;
    detector = step.detector;
  }
  return limit;
}

function lengths(setting: Setting, name: string, watch: Watch, rate: number, limit: number): number[] {
  const random = setting.random(`${suite} ${name}`);
  return Array.from({ length: setting.runs }, () => runLength(random, watch, rate, limit));
}

export function monitors(setting: Setting): Figure[] {
  const watch: Watch = { baseline: 0.1, direction: 'up', averageRunLength: 200 };
  const quiet = `logs to a false alarm, rate at its baseline of 10 %, asked for ${watch.averageRunLength}`;
  const change = 'median logs to an alarm after the rate doubled, asked for 200';
  const found = lengths(setting, change, watch, 0.2, 5000).sort((a, b) => a - b);
  const low: Watch = { baseline: 0.9, direction: 'down', averageRunLength: 200 };
  const quietLow = 'logs to a false alarm, a pass rate at its baseline of 90 %, asked for 200';
  return [
    { suite, name: quiet, ...averageOf(lengths(setting, quiet, watch, 0.1, 5000)), bound: atLeast(200), note: 'runs cut at 5,000 logs' },
    {
      suite,
      name: quietLow,
      ...averageOf(lengths(setting, quietLow, low, 0.9, 5000)),
      bound: atLeast(200),
      note: 'runs cut at 5,000 logs',
    },
    { suite, name: change, value: found[Math.floor(found.length / 2)]!, error: 1, runs: found.length },
  ];
}

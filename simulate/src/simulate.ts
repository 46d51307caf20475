import { boundedCoverage, clusterCoverage, skewCoverage } from './coverage.ts';
import { experimentAlarms } from './experiments/alarms.ts';
import { experimentCoverage } from './experiments/coverage.ts';
import { experimentPower } from './experiments/power.ts';
import { guards, sampleRatios } from './experiments/safety.ts';
import { judges } from './judges.ts';
import { monitors } from './monitors.ts';
import { noDifference } from './no-difference.ts';
import { planner } from './planner.ts';
import { type Figure, type Setting, settingOf } from './study.ts';

/** The table of simulations. A new one is a new row. */
export const suites: Record<string, (setting: Setting) => Figure[]> = {
  'no-difference': noDifference,
  bounded: boundedCoverage,
  clusters: clusterCoverage,
  skew: skewCoverage,
  planner,
  judges,
  monitors,
  'experiment-alarms': experimentAlarms,
  'experiment-coverage': experimentCoverage,
  'experiment-power': experimentPower,
  'sample-ratio': sampleRatios,
  guards,
};

const ofExperiments: readonly string[] = ['experiment-alarms', 'experiment-coverage', 'experiment-power', 'sample-ratio', 'guards'];

/** 10,000 runs a figure, or 500 of the reduced set, of whole experiments 100; always the same numbers. */
export const runsOf = (quick: boolean, name = ''): number => (quick ? (ofExperiments.includes(name) ? 100 : 500) : 10_000);

export function simulate(names: readonly string[], quick: boolean, tell: (name: string) => void = () => {}): Figure[] {
  return Object.entries(suites).flatMap(([name, suite]) => {
    if (names.length > 0 && !names.includes(name)) return [];
    tell(name);
    return suite(settingOf(runsOf(quick, name)));
  });
}

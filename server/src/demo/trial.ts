import type { Scope } from '@whetstone/contract';
import type { Experiments } from '../experiments/index.ts';
import type { Files } from '../files/index.ts';

const begins = 1;
const ends = 8;
const drafted = 12;

const helped = {
  name: 'Helped users',
  value: 'max(vote:good, action:accepted, action:copied, action:shared)',
  per_unit: 'any',
  direction: 'up',
  missing: 'zero',
} as const;
const guards = [
  { metric: { name: 'Latency', value: 'latency', per_unit: 'mean', direction: 'down', missing: 'drop' }, bound: { difference: 4_000 } },
  { metric: { name: 'Failed calls', value: 'error', per_unit: 'any', direction: 'down', missing: 'zero' }, bound: { ratio: 2 } },
] as const;
const settings: Omit<Parameters<Experiments['create']>[1], 'name' | 'hypothesis' | 'file_id' | 'arms'> = {
  traffic: 1,
  metric: helped,
  secondary: [
    { name: 'Cost', value: 'cost', per_unit: 'mean', direction: 'down', missing: 'drop' },
    { name: 'Voted bad', value: 'vote:bad', per_unit: 'any', direction: 'down', missing: 'zero' },
  ],
  guards: [...guards],
  smallest_difference: 0.1,
  planned_units: 300,
  mode: 'sequential',
  window_hours: 12,
  forced: [],
  environment: 'production',
};

/** The experiments of the demo: one that decided which version customers get, one that waits for whoever looks around. */
export class Trial {
  readonly #files: Files;
  readonly #experiments: Experiments;
  readonly #scope: Scope;
  #running: string | null = null;

  constructor(files: Files, experiments: Experiments, scope: Scope) {
    this.#files = files;
    this.#experiments = experiments;
    this.#scope = scope;
  }

  /** What happens as the day begins. */
  async day(day: number): Promise<void> {
    if (day === begins) {
      this.#running = await this.#draft(
        'Do the articles help?',
        'with articles',
        'Customers are helped more often when the model has our articles before it answers.',
      );
      await this.#experiments.begin(this.#scope, this.#running);
    }
    if (day === ends && this.#running !== null) {
      await this.#experiments.promote(this.#scope, this.#running, { armId: 'b' });
    }
    if (day === drafted)
      await this.#draft(
        'Is fast and short good enough?',
        'fast and short',
        'A third of the latency and of the cost, and nobody is helped less often.',
      );
  }

  /** Settles what is due, as the server does all the time. */
  async look(): Promise<void> {
    if (this.#running === null) return;
    await this.#experiments.settle(this.#scope, this.#running);
    const { row } = await this.#experiments.get(this.#scope, this.#running);
    if (row.state !== 'running') this.#running = null;
  }

  async #draft(name: string, version: string, hypothesis: string): Promise<string> {
    const file = await this.#files.get(this.#scope, 'prompt', { path: 'support/answer' });
    const versions = await this.#files.versions(this.#scope, 'prompt', file.file.id);
    const candidate = versions.find((each) => each.version.name === version);
    if (candidate === undefined) throw new Error(`The demo has no version “${version}”.`);
    const arms = [{ weight: 0.5 }, { version_id: candidate.version.id, weight: 0.5, name: version }];
    const { row } = await this.#experiments.create(this.#scope, { ...settings, name, hypothesis, file_id: file.file.id, arms });
    return row.id;
  }
}

/** Things that an import counts. */
export const counted = [
  'files',
  'versions',
  'environments',
  'deployments',
  'datapoints',
  'monitors',
  'alerts',
  'logs',
  'judgments',
  'evaluations',
  'runs',
  'reviews',
  'gates',
  'rules',
  'experiments',
  'settings',
] as const;
export type Counted = (typeof counted)[number];

export interface Problem {
  /** Path in what was imported. */
  where: string;
  what: string;
  why: string;
}

export interface ImportReport {
  /** In what was imported, and of these in the workspace now. A dry run carries none. */
  counts: Record<Counted, { found: number; carried: number }>;
  /** What could not be carried, or not as it was; `more` beyond the first thousand. */
  problems: Problem[];
  more: number;
  /** To be entered again: keys of providers, which no export has, people, and by name what is secret. */
  reenter: Record<Reentered, string[]>;
}

const reentered = ['providers', 'people', 'credentials', 'keys', 'variables', 'webhooks'] as const;
export type Reentered = (typeof reentered)[number];

const mostProblems = 1_000;

export class Report {
  readonly counts = Object.fromEntries(counted.map((name) => [name, { found: 0, carried: 0 }])) as ImportReport['counts'];
  readonly #problems: Problem[] = [];
  #more = 0;
  readonly #reenter = new Map(reentered.map((what) => [what, new Set<string>()]));

  found(what: Counted, number = 1): void {
    this.counts[what].found += number;
  }
  carried(what: Counted, number = 1): void {
    this.counts[what].carried += number;
  }
  problem(where: string, what: string, why: string): void {
    if (this.#problems.length < mostProblems) this.#problems.push({ where, what, why });
    else this.#more += 1;
  }
  reenter(what: Reentered, name: string): void {
    this.#reenter.get(what)?.add(name);
  }

  whole(): ImportReport {
    return {
      counts: this.counts,
      problems: this.#problems,
      more: this.#more,
      reenter: Object.fromEntries([...this.#reenter].map(([what, names]) => [what, [...names].toSorted()])) as ImportReport['reenter'],
    };
  }
}

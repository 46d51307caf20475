import type { Sample } from '../gateway/index.ts';
import type { Usage } from './index.ts';

const names = ['promptTokens', 'outputTokens', 'reasoningTokens', 'promptCost', 'outputCost'] as const;

/** Adds up what model calls took. What is unknown of one is unknown of all: an unknown cost is not free. */
export class Tally {
  #sum: Usage | null;
  /** Answered ones, of this turn. */
  calls = 0;

  constructor(from: Usage | null = null) {
    this.#sum = from;
  }

  add(usage: Usage): void {
    // Reasoning is told by some models only; where none is told there is none.
    const given: Usage = { ...usage, reasoningTokens: usage.reasoningTokens ?? (usage.outputTokens === null ? null : 0) };
    const before = this.#sum;
    this.#sum = before === null ? given : (Object.fromEntries(names.map((name) => [name, plus(before[name], given[name])])) as never);
  }

  /** A call that failed before it was answered took nothing that we know of. */
  addSample(sample: Sample): void {
    if (sample.error === null) this.calls += 1;
    else if (sample.promptTokens === null) return;
    this.add(sample);
  }

  get usage(): Usage {
    return this.#sum ?? { promptTokens: null, outputTokens: null, reasoningTokens: null, promptCost: null, outputCost: null };
  }
}

function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

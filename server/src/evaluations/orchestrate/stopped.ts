import type { StopReason } from '@whetstone/contract';

/** The run goes no further by itself; somebody may have it go on. */
export class Stopped extends Error {
  readonly because: StopReason;

  constructor(because: StopReason, message: string) {
    super(message);
    this.because = because;
  }

  static byCost(cap: number | null, spent: number): Stopped {
    const rest = 'Another log could cost more than what is left.';
    return new Stopped(
      'cost',
      `The run has cost ${usd(spent)} of the ${usd(cap ?? 0)} USD that it may cost. ${rest} Resume it with a higher cap.`,
    );
  }

  static unpriced(): Stopped {
    const why = 'Nobody knows what a call of the run costs, so that its cap cannot be kept.';
    return new Stopped('unknown_cost', `${why} Enter the price of the model in the settings, then resume the run.`);
  }

  static byBudget(message: string): Stopped {
    return new Stopped('budget', `${message} Then resume the run.`);
  }
}

function usd(amount: number): string {
  return String(Number(amount.toPrecision(4)));
}

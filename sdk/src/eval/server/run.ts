import { CannotMeasure } from '../plan.ts';
export async function onServer(..._a: unknown[]): Promise<never> {
  throw new CannotMeasure('not yet');
}
export async function savedOnServer(..._a: unknown[]): Promise<never> {
  throw new CannotMeasure('not yet');
}

/** Simulated models: how good, how quick, how often they fail. */
export interface DemoModel {
  id: string;
  /** 0 to 1: how much of the right material it finds and says. */
  quality: number;
  firstTokenMs: number;
  tokensPerSecond: number;
  /** Of all calls: refused with 429 or 500, or cut off. */
  failureRate: number;
}

export const demoModels: readonly DemoModel[] = [
  { id: 'demo-large', quality: 0.95, firstTokenMs: 520, tokensPerSecond: 70, failureRate: 0 },
  { id: 'demo-small', quality: 0.72, firstTokenMs: 240, tokensPerSecond: 130, failureRate: 0 },
  { id: 'demo-fast', quality: 0.45, firstTokenMs: 90, tokensPerSecond: 320, failureRate: 0 },
  { id: 'demo-flaky', quality: 0.7, firstTokenMs: 300, tokensPerSecond: 110, failureRate: 0.08 },
];
export const demoEmbedding = 'demo-embed';

export function findDemoModel(id: string): DemoModel | null {
  return demoModels.find((model) => model.id === id) ?? null;
}

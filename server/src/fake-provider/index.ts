export { fakeAws } from './bedrock.ts';
export { type FakeProvider, type Received, startFakeProvider } from './server.ts';
export type { Behaviour } from './behaviour.ts';

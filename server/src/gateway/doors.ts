import type { Scope } from '@whetstone/contract';
import type { Counted } from './door-messages/count-tokens.ts';
import type { Responses } from './door-responses/room.ts';
import type { Asked, Listener, Ready } from './room.ts';
import type { Performed } from './run.ts';

/** The orchestrator as the HTTP door uses it. */
export interface Doors {
  now(): Date;
  newLogId(at: Date): string;
  failClosed: boolean;
  instant: boolean;
  prepare(scope: Scope, asked: Asked): Promise<Ready>;
  perform(ready: Ready, options: { asked: Asked; listener: Listener; logId: string; index: number; startedAt: Date }): Promise<Performed>;
  countTokens(ready: Ready, asked: Asked): Promise<Counted>;
  responses: Responses;
}

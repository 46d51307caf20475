import type { KeyRole, MemberRole } from '@whetstone/contract';

/** What a role may do, in one line. */
export const roleTeaches: Record<MemberRole | KeyRole, string> = {
  feedback: 'sends end users’ feedback; safe to publish',
  gateway: 'calls, logs, sends feedback',
  viewer: 'reads everything',
  reviewer: 'reads and judges',
  editor: 'writes files, runs, deploys where it is not protected',
  admin: 'everything, people and keys included',
  owner: 'everything, and may delete the workspace',
};

import type { EvaluatorSpec } from '@whetstone/contract';

/** A human evaluator: what users and colleagues can be asked. */
export interface FeedbackKind {
  id: string;
  path: string;
  name: string;
  description: string | null;
  spec: EvaluatorSpec;
}

/** In the order in which people give them: the defaults, then the workspace's own by path. */
const usual = ['vote', 'action', 'correction', 'rating', 'issue', 'comment'].map((name) => `feedback/${name}`);
/** Answered in reviews of two logs only. */
export const ofPairs = 'feedback/preference';

export function isCorrection(kind: { path: string; spec: Pick<EvaluatorSpec, 'return_type'> }): boolean {
  return kind.spec.return_type === 'text' && /(?:^|\/)correction$/.test(kind.path);
}

export function byUse<K extends { path: string }>(kinds: readonly K[]): K[] {
  const place = ({ path }: K) => (usual.includes(path) ? usual.indexOf(path) : usual.length);
  return kinds.toSorted((a, b) => place(a) - place(b) || (a.path < b.path ? -1 : 1));
}

/** How a kind is named in a call: `vote` stands for `feedback/vote`. */
export function kindName(path: string): string {
  const [folder, name, ...rest] = path.split('/');
  return folder === 'feedback' && name !== undefined && rest.length === 0 ? name : path;
}

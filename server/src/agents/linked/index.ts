import type { Snapshot } from '../../files/index.ts';
import type { LinkedKind } from './kind.ts';
import { linkedPrompt } from './prompt.ts';
import { linkedTool } from './tool.ts';

type Linkable = 'prompt' | 'tool' | 'agent';
export type LinkedKinds = { readonly [K in Linkable]: LinkedKind<K> };

/** The files that an agent may use as tools. Agents themselves are handed in by who runs them. */
export function linkedKinds(agent: LinkedKind<'agent'>): LinkedKinds {
  return { prompt: linkedPrompt, tool: linkedTool, agent };
}

export function isLinkable(snapshot: Snapshot): snapshot is Snapshot<Linkable> {
  return snapshot.kind === 'prompt' || snapshot.kind === 'tool' || snapshot.kind === 'agent';
}

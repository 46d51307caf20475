import { systemScope } from '@whetstone/contract';
import type { EvaluatorSpec } from '@whetstone/contract';
import { idPrefixes } from '@whetstone/domain';
import type { Room } from './context.ts';
import { hasEnvironments, insertEnvironment } from './deployments/store.ts';
import { findFile, lockTree } from './tree/store.ts';
import { upsert } from './versions/upsert.ts';

/** What a new workspace starts with. */

const environments = [
  { name: 'production', is_default: true, protected: true },
  { name: 'staging', is_default: false, protected: false },
];

type Human = Pick<EvaluatorSpec, 'return_type' | 'options' | 'number_limits' | 'number_valence'>;

const labels = (names: string[], valence: 'positive' | 'negative' | 'neutral') => names.map((name) => ({ name, valence }));

/** Judgments of end users and colleagues are logs of these. */
const feedback: { name: string; description: string; spec: Human }[] = [
  {
    name: 'vote',
    description: 'Thumbs up or down.',
    spec: { return_type: 'select', options: [...labels(['good'], 'positive'), ...labels(['bad'], 'negative')] },
  },
  {
    name: 'action',
    description: 'What the reader did with the answer.',
    spec: {
      return_type: 'multi_select',
      options: [
        ...labels(['accepted', 'copied'], 'positive'),
        ...labels(['edited'], 'neutral'),
        ...labels(['shared'], 'positive'),
        ...labels(['regenerated', 'dismissed'], 'negative'),
      ],
    },
  },
  { name: 'correction', description: 'What the answer should have been.', spec: { return_type: 'text' } },
  { name: 'comment', description: 'A remark in words.', spec: { return_type: 'text' } },
  {
    name: 'issue',
    description: 'What is wrong with the answer.',
    spec: { return_type: 'multi_select', options: labels(['hallucinated', 'off topic', 'unsafe', 'wrong format'], 'negative') },
  },
  {
    name: 'rating',
    description: 'One to five.',
    spec: { return_type: 'number', number_limits: { min: 1, max: 5, step: 1 }, number_valence: 'positive' },
  },
];

/** May be called again: what is there stays as it is, renamed environments included. */
export async function prepareWorkspace(room: Room, workspaceId: string): Promise<void> {
  const scope = systemScope(workspaceId, 'setup');
  await room.write(workspaceId, async (tx, after) => {
    await lockTree(tx, workspaceId);
    if (await hasEnvironments(tx, workspaceId)) return;
    for (const [index, environment] of environments.entries()) {
      const created_at = new Date(room.deps.clock().getTime() + index);
      await insertEnvironment(tx, {
        ...environment,
        id: room.newId(idPrefixes.environment),
        workspace_id: workspaceId,
        created_at,
        deleted_at: null,
      });
    }
    after.changed(null);
  });
  for (const { name, description, spec } of feedback) {
    const path = `feedback/${name}`;
    if (await findFile(room.db, workspaceId, { path })) continue;
    const kernel = { spec: { evaluator_type: 'human' as const, arguments_type: 'target_free' as const, ...spec } };
    await upsert(room, scope, 'evaluator', { path, kernel, description });
  }
}

import { AppError, feedbackNames, type EvaluatorSpec, type JudgmentValue, type Scope, systemScope } from '@whetstone/contract';
import { filePrefixes, hasPrefix } from '@whetstone/domain';
import type { Snapshot } from '../files/index.ts';
import type { FeedbackDeps, Kind } from './index.ts';

const folder = 'feedback/';
const mostNamed = 30;

/** A human evaluator of texts that is called so: what it is given is what the answer should have been. */
export function isCorrection({ path, spec }: { path: string; spec: EvaluatorSpec }): boolean {
  return spec.evaluator_type === 'human' && spec.return_type === 'text' && /(?:^|\/)correction$/.test(path);
}

/** Finds the evaluator of a name, once for a batch. `vote` is `feedback/vote`, unless only a file of that name is there. */
export function kindFinder({ files }: FeedbackDeps, { workspaceId }: Scope): (name: string) => Promise<Kind | AppError> {
  // What users say is asked of no environment: a key that is bound to one names the same evaluators.
  const scope = systemScope(workspaceId, 'feedback');
  const find = async (name: string): Promise<Kind | AppError> => {
    const refs = hasPrefix(name, filePrefixes.evaluator)
      ? [{ id: name }]
      : [...(name.includes('/') ? [] : [{ path: `${folder}${name}` }]), { path: name }];
    for (const ref of refs) {
      try {
        const { snapshot } = await files.resolve(scope, 'evaluator', ref);
        const kind = kindOf(snapshot);
        return kind.spec.evaluator_type === 'human' ? kind : await unknown(name, 'is an evaluator that people do not answer');
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (error.code === 'unavailable') throw error;
      }
    }
    return unknown(name, 'is not there');
  };
  const unknown = async (name: string, why: string): Promise<AppError> => {
    const kinds = (await humanKinds(files, scope)).map(({ path }) => (path.startsWith(folder) ? path.slice(folder.length) : path));
    const list = kinds.slice(0, mostNamed).map((kind) => `\`${kind}\``);
    const rest = kinds.length > mostNamed ? ` and ${kinds.length - mostNamed} more` : '';
    return new AppError('invalid_input', `The kind \`${name.slice(0, 100)}\` ${why}. There are ${list.join(', ') || 'none'}${rest}.`);
  };
  const found = new Map<string, Promise<Kind | AppError>>();
  return (name) => {
    const known = found.get(name) ?? find(name);
    found.set(name, known);
    return known;
  };
}

/** The defaults first, in their order; then others by path. */
export async function humanKinds(files: FeedbackDeps['files'], scope: Scope): Promise<Kind[]> {
  const { files: all } = await files.tree(scope);
  return all
    .filter((snapshot): snapshot is Snapshot => snapshot.kind === 'evaluator')
    .map(kindOf)
    .filter(({ spec }) => spec.evaluator_type === 'human')
    .toSorted((a, b) => placeOf(a) - placeOf(b) || a.path.localeCompare(b.path));
}

const defaults = feedbackNames.map((name) => `${folder}${name}`);
const placeOf = ({ path }: Kind): number => {
  const place = defaults.indexOf(path);
  return place < 0 ? defaults.length : place;
};

function kindOf({ file, version }: Snapshot): Kind {
  const { spec } = version.kernel as { spec: EvaluatorSpec };
  return { id: file.id, versionId: version.id, path: file.path, name: file.name, spec };
}

/** Which values of an evaluator speak for the answer, and which against it. */
export function valencesOf(spec: EvaluatorSpec): { positive: string[]; negative: string[] } {
  if (spec.return_type === 'boolean') {
    const bad = spec.number_valence === 'negative';
    return { positive: [String(!bad)], negative: [String(bad)] };
  }
  const options = spec.options ?? [];
  const named = (valence: string) => options.filter((option) => option.valence === valence).map(({ name }) => name);
  return { positive: named('positive'), negative: named('negative') };
}

/** A name alone stands for a list of one where several may hold. */
export function listed(spec: EvaluatorSpec, value: JudgmentValue): JudgmentValue {
  return spec.return_type === 'multi_select' && typeof value === 'string' ? [value] : value;
}

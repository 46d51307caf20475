import type { CheckedEvaluator, EvaluatorSpec } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { query } from '../../../api/query.ts';
import { Field, Input } from '../../../kit/field.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { SkeletonRows } from '../../../kit/skeleton.tsx';
import { OptionFields } from '../../../parts/judge/option-fields.tsx';
import { ModelPicker } from '../../../parts/prompt/model-picker.tsx';

type ExternalSpec = Extract<EvaluatorSpec, { evaluator_type: 'external' }>;

/** One of the library with its options; what it returns follows from them. */
export function LibraryForm({
  spec,
  onChange,
  found,
  current,
}: {
  spec: ExternalSpec & { library: NonNullable<ExternalSpec['library']> };
  onChange: (spec: ExternalSpec) => void;
  found: CheckedEvaluator | null;
  current: boolean;
}): ReactNode {
  const { data, isPending } = useQuery({ ...query('evaluators.library'), staleTime: Infinity });
  const entry = data?.records.find(({ name }) => name === spec.library.name);
  // What the options make of the answer is the server's to say, and part of the version.
  const form = current ? (found?.form ?? null) : null;
  useEffect(() => {
    if (form === null) return;
    const next: ExternalSpec = { ...spec, ...form, number_limits: form.number_limits ?? null, number_valence: form.number_valence ?? null };
    if (JSON.stringify(answerOf(next)) !== JSON.stringify(answerOf(spec))) onChange(next);
  }, [form]);
  const problems = new Map((found?.option_problems ?? []).map(({ option, message }) => [option, message]));
  const set = (library: typeof spec.library) => onChange({ ...spec, library });
  if (isPending) return <SkeletonRows count={8} />;
  if (entry === undefined)
    return (
      <Notice kind="error" title={`The library has no “${spec.library.name}”`} className="m-4">
        It was saved by a newer Whetstone, or under another name. Its judgments stay; it cannot judge here.
      </Notice>
    );
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-3 py-4 lg:px-5">
      <h2 className="text-read font-semibold">{entry.title}</h2>
      <p className="max-w-[72ch] text-ink-2">{entry.description}</p>
      {entry.limits !== null && <p className="mt-1 max-w-[72ch] text-meta text-ink-3">What it does not tell: {entry.limits}</p>}
      {problems.has('') && (
        <Notice kind="error" title="These options cannot work" className="mt-3">
          {problems.get('')}
        </Notice>
      )}
      <div className="mt-5 flex flex-col gap-4">
        {(entry.asks_model || found?.needs.some(({ name }) => name === 'model') === true) && (
          <ModelOption
            model={spec.library.model ?? ''}
            problem={problems.get('model')}
            onChange={(model) => set({ ...spec.library, model })}
          />
        )}
        {entry.compares_embeddings && (
          <Field
            label="Model for embeddings"
            error={problems.get('embedding_model')}
            hint="As a provider calls it: text-embedding-3-small."
          >
            {(props) => (
              <Input
                {...props}
                value={spec.library.embedding_model ?? ''}
                onChange={(event) => set({ ...spec.library, embedding_model: event.target.value === '' ? null : event.target.value })}
                placeholder="text-embedding-3-small"
                spellCheck={false}
                className="max-w-100 font-mono text-[12px]"
              />
            )}
          </Field>
        )}
        <OptionFields
          schema={entry.options}
          values={spec.library.options ?? {}}
          onChange={(options) => set({ ...spec.library, options: Object.keys(options).length === 0 ? null : options })}
          problems={problems}
        />
      </div>
      {entry.cites.length > 0 && <p className="mt-6 max-w-[72ch] text-meta text-ink-3">After {entry.cites.join('; ')}.</p>}
    </div>
  );
}

const answerOf = (spec: ExternalSpec) => [
  spec.arguments_type,
  spec.return_type,
  spec.number_limits?.min ?? null,
  spec.number_limits?.max ?? null,
  spec.number_valence ?? null,
];

function ModelOption({
  model,
  problem,
  onChange,
}: {
  model: string;
  problem: string | undefined;
  onChange: (model: string) => void;
}): ReactNode {
  const models = useQuery({ ...query('models.list'), staleTime: 60_000 });
  return (
    <div>
      <div className="mb-1 font-medium">Model that judges</div>
      <div className="-ml-2.5">
        <ModelPicker
          model={model === '' ? 'Choose a model' : model}
          provider={null}
          choices={models.data?.records ?? []}
          routes={[]}
          onChange={(next, from) => onChange(from === null ? next : (qualified(models.data?.records ?? [], next, from) ?? next))}
        />
      </div>
      {problem !== undefined && <p className="text-meta text-worse">{problem}</p>}
    </div>
  );
}

/** `CREDENTIAL/MODEL` only where the bare name would lead elsewhere. */
function qualified(choices: readonly { credential: string; model: string }[], model: string, credential: string): string | null {
  const first = choices.find((choice) => choice.model === model);
  return first !== undefined && first.credential !== credential ? `${credential}/${model}` : null;
}

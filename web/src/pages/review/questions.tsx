import type { EvaluatorSpec, JudgmentValue, ReviewEvaluator } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';
import { Input, inputClass } from '../../kit/field.tsx';
import { Keys } from '../../kit/keys.tsx';
import { type Choice, choicesOf, chosen, pressed } from '../../parts/judge/choices.ts';
import type { Draft } from './draft.ts';

const tones = {
  positive: 'aria-pressed:bg-better-soft aria-pressed:text-better aria-pressed:shadow-[inset_0_0_0_1.5px_var(--better)]',
  negative: 'aria-pressed:bg-worse-soft aria-pressed:text-worse aria-pressed:shadow-[inset_0_0_0_1.5px_var(--worse)]',
  neutral: 'aria-pressed:bg-accent-soft aria-pressed:text-accent-ink aria-pressed:shadow-[inset_0_0_0_1.5px_var(--accent)]',
};

/** A large button that stays pressed. Its key stands in it where there is a keyboard. */
export function ChoiceButton({
  label,
  keys,
  tone,
  active,
  onPress,
}: {
  label: string;
  keys?: string | undefined;
  tone: Choice['tone'];
  active: boolean;
  onPress: () => void;
}): ReactNode {
  return (
    <button
      type="button"
      aria-pressed={active}
      onClick={onPress}
      className={cx(
        'flex h-9 min-w-16 flex-1 items-center justify-center gap-2 rounded-md bg-raised px-3 font-medium shadow-[inset_0_0_0_1px_var(--line-strong)] transition-colors hover:bg-hover pointer-coarse:h-12 pointer-coarse:text-read',
        tones[tone],
      )}
    >
      <span className="truncate">{label}</span>
      {keys !== undefined && (
        <span className="pointer-coarse:hidden">
          <Keys keys={keys} />
        </span>
      )}
    </button>
  );
}

/** What is asked of a log, one question an evaluator. Digits choose in the one that is active. */
export function Questions({
  evaluators,
  active,
  draft,
  onActive,
  onAnswer,
}: {
  evaluators: readonly ReviewEvaluator[];
  active: number;
  draft: Draft;
  onActive: (index: number) => void;
  onAnswer: (evaluator: ReviewEvaluator, value: JudgmentValue | undefined) => void;
}): ReactNode {
  const many = evaluators.length > 1;
  return (
    <div className="flex flex-col gap-3">
      {evaluators.map((evaluator, index) => (
        <fieldset
          key={evaluator.id}
          onFocus={() => onActive(index)}
          className={cx('min-w-0', many && 'rounded-md p-2', many && index === active && 'bg-hover')}
        >
          <legend className={cx('font-medium', many ? 'float-left mb-1.5 w-full' : 'mb-1.5')}>{evaluator.name}</legend>
          {instructionsOf(evaluator.spec) !== null && (
            <p className="clear-both mb-2 text-meta text-ink-2">{instructionsOf(evaluator.spec)}</p>
          )}
          <div className="clear-both">
            <Answer
              evaluator={evaluator}
              digits={index === active}
              value={draft.answers[evaluator.id]}
              onAnswer={(value) => onAnswer(evaluator, value)}
            />
          </div>
        </fieldset>
      ))}
    </div>
  );
}

function instructionsOf(spec: EvaluatorSpec): string | null {
  return spec.evaluator_type === 'human' && spec.instructions ? spec.instructions : null;
}

function Answer({
  evaluator: { spec, name },
  digits,
  value,
  onAnswer,
}: {
  evaluator: ReviewEvaluator;
  digits: boolean;
  value: JudgmentValue | undefined;
  onAnswer: (value: JudgmentValue | undefined) => void;
}): ReactNode {
  const choices = choicesOf(spec);
  if (choices === null && spec.return_type === 'number') {
    const { min, max, step } = spec.number_limits ?? {};
    return (
      <Input
        type="number"
        aria-label={name}
        min={min ?? undefined}
        max={max ?? undefined}
        step={step ?? 'any'}
        value={typeof value === 'number' ? value : ''}
        onChange={(event) => onAnswer(event.target.value === '' ? undefined : Number(event.target.value))}
        className="num"
      />
    );
  }
  if (choices === null)
    return (
      <textarea
        aria-label={name}
        rows={2}
        value={typeof value === 'string' ? value : ''}
        onChange={(event) => onAnswer(event.target.value === '' ? undefined : event.target.value)}
        className={cx(inputClass, 'py-1.5')}
      />
    );
  return (
    <div className="flex flex-wrap gap-2">
      {choices.map((choice, at) => (
        <ChoiceButton
          key={String(choice.value)}
          label={choice.label}
          keys={keyOf(spec, choices, choice, digits, at)}
          tone={choice.tone}
          active={chosen(value, choice)}
          onPress={() => onAnswer(pressed(spec, value, choice))}
        />
      ))}
    </div>
  );
}

/** `g` and `b` where there is one good and one bad answer, else digits. */
function keyOf(spec: EvaluatorSpec, choices: readonly Choice[], choice: Choice, digits: boolean, at: number): string | undefined {
  if (!digits) return undefined;
  const alone = choices.filter(({ tone }) => tone === choice.tone).length === 1;
  if (alone && choices.length === 2 && choice.tone !== 'neutral') return choice.tone === 'positive' ? 'g' : 'b';
  if (spec.return_type === 'number') return Number(choice.value) < 10 ? String(choice.value) : undefined;
  return at < 9 ? String(at + 1) : undefined;
}

/** The choice that a key means. */
export function choiceOfKey(spec: EvaluatorSpec, key: string): Choice | undefined {
  const choices = choicesOf(spec) ?? [];
  if (key === 'g' || key === 'b') {
    const tone = key === 'g' ? 'positive' : 'negative';
    return choices.find((choice) => choice.tone === tone);
  }
  if (spec.return_type === 'number') return choices.find(({ value }) => String(value) === key);
  return choices[Number(key) - 1];
}

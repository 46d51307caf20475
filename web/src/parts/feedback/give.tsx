import type { JudgmentValue, LogResponse } from '@whetstone/contract';
import { ThumbsDown, ThumbsUp } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { cx } from '../../kit/cx.ts';
import { Input, inputClass } from '../../kit/field.tsx';
import { Tip } from '../../kit/tip.tsx';
import { choicesOf, chosen } from '../judge/choices.ts';
import { type FeedbackKind, isCorrection } from './kinds.ts';
import { type Change, press, set } from './own.ts';
import { useFeedbackKinds } from './use-feedback-kinds.ts';
import { useOwnFeedback } from './use-own-feedback.ts';

const votePath = 'feedback/vote';
const tones = {
  positive: 'aria-pressed:bg-better-soft aria-pressed:text-better aria-pressed:shadow-[inset_0_0_0_1px_var(--better)]',
  negative: 'aria-pressed:bg-worse-soft aria-pressed:text-worse aria-pressed:shadow-[inset_0_0_0_1px_var(--worse)]',
  neutral: 'aria-pressed:bg-accent-soft aria-pressed:text-accent-ink aria-pressed:shadow-[inset_0_0_0_1px_var(--accent)]',
};

/** One's own feedback: the vote at hand, everything else one press away. What was said is pressed; pressed again it is taken back. */
export function GiveFeedback({ log }: { log: LogResponse }): ReactNode {
  const kinds = useFeedbackKinds();
  const { may, own, say } = useOwnFeedback(log);
  const [open, setOpen] = useState(false);
  if (!may || kinds === undefined) return null;
  const vote = kinds.find(({ path }) => path === votePath);
  const others = kinds.filter((kind) => kind !== vote);
  return (
    <div className="mb-2">
      <div className="flex flex-wrap items-center gap-2">
        {vote && <Choices kind={vote} now={own(vote)} onSay={(change) => say(vote, change)} keys />}
        {others.length > 0 && (
          <Button size="sm" look="quiet" aria-expanded={open} onClick={() => setOpen(!open)} className="pointer-coarse:h-9">
            {open ? 'Less' : 'Say more'}
          </Button>
        )}
      </div>
      {open && (
        <div className="mt-2 flex flex-col gap-3 rounded-md bg-sunken p-3">
          {others.map((kind) => (
            <fieldset key={kind.id} className="min-w-0">
              <legend className="mb-1 text-meta text-ink-2">{kind.description || kind.name}</legend>
              <Answer kind={kind} now={own(kind)} answer={log.output} onSay={(change) => say(kind, change)} />
            </fieldset>
          ))}
        </div>
      )}
    </div>
  );
}

interface AnswerProps {
  kind: FeedbackKind;
  now: JudgmentValue | null;
  onSay: (change: Change) => void;
}

function Answer({ kind, now, answer, onSay }: AnswerProps & { answer: string | null }): ReactNode {
  if (choicesOf(kind.spec) !== null) return <Choices kind={kind} now={now} onSay={onSay} />;
  if (kind.spec.return_type === 'number') return <NumberField kind={kind} now={now} onSay={onSay} />;
  return <TextField kind={kind} now={now} answer={answer} onSay={onSay} />;
}

function Choices({ kind, now, onSay, keys = false }: AnswerProps & { keys?: boolean }): ReactNode {
  return (
    <div className="flex flex-wrap gap-1.5">
      {(choicesOf(kind.spec) ?? []).map((choice) => {
        const Thumb = !keys || choice.tone === 'neutral' ? null : choice.tone === 'positive' ? ThumbsUp : ThumbsDown;
        const button = (
          <button
            key={String(choice.value)}
            type="button"
            aria-pressed={chosen(now ?? undefined, choice)}
            onClick={() => onSay(press(kind, now, choice))}
            className={cx(
              'flex h-6 items-center gap-1.5 rounded-md bg-raised px-2 text-meta font-medium shadow-[inset_0_0_0_1px_var(--line-strong)] transition-colors hover:bg-hover pointer-coarse:h-10 pointer-coarse:px-3',
              tones[choice.tone],
            )}
          >
            {Thumb !== null && <Thumb size={13} strokeWidth={1.5} aria-hidden />}
            {Thumb === null ? choice.label : <span className="capitalize">{choice.label}</span>}
          </button>
        );
        if (!keys || Thumb === null) return button;
        return (
          <Tip key={String(choice.value)} label={`Judge ${choice.label}`} keys={choice.tone === 'positive' ? 'g g' : 'g b'}>
            {button}
          </Tip>
        );
      })}
    </div>
  );
}

function NumberField({ kind, now, onSay }: AnswerProps): ReactNode {
  const { min, max, step } = kind.spec.number_limits ?? {};
  return (
    <Input
      type="number"
      aria-label={kind.name}
      key={String(now)}
      defaultValue={typeof now === 'number' ? now : ''}
      min={min ?? undefined}
      max={max ?? undefined}
      step={step ?? 'any'}
      onBlur={({ target }) => {
        const value = target.value === '' ? null : Number(target.value);
        if (value !== now && target.validity.valid) onSay(set(kind, value));
      }}
      className="num w-32"
    />
  );
}

/** A text is sent when it is done, not as it is written. A correction begins with the answer. */
function TextField({ kind, now, answer, onSay }: AnswerProps & { answer: string | null }): ReactNode {
  const correction = isCorrection(kind);
  const before = typeof now === 'string' ? now : correction ? (answer ?? '') : '';
  const [text, setText] = useState<string | null>(null);
  const written = text ?? before;
  const changed = text !== null && text !== before;
  const keep = () => {
    if (changed) onSay(set(kind, text.trim() === '' || (correction && text === answer) ? null : text));
    setText(null);
  };
  return (
    <div>
      <textarea
        aria-label={kind.name}
        rows={correction ? Math.min(12, Math.max(3, Math.ceil(written.length / 60))) : 2}
        value={written}
        placeholder={correction ? 'What the answer should have been' : undefined}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) keep();
          if (event.key === 'Escape') {
            event.stopPropagation();
            setText(null);
          }
        }}
        className={cx(inputClass, 'block resize-y py-1.5')}
      />
      {(changed || now !== null) && (
        <div className="mt-1.5 flex gap-2">
          {changed && (
            <Button size="sm" look="primary" onClick={keep}>
              Keep {kind.name}
            </Button>
          )}
          {changed && (
            <Button size="sm" onClick={() => setText(null)}>
              Undo
            </Button>
          )}
          {!changed && now !== null && (
            <Button size="sm" onClick={() => onSay(set(kind, null))}>
              Take back
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

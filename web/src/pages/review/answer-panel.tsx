import type { JudgmentValue, ReviewEvaluator, ReviewQueue } from '@whetstone/contract';
import { ArrowLeft, ArrowRight, PencilLine, SkipForward, Undo2 } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Button, IconButton } from '../../kit/button.tsx';
import { Checkbox } from '../../kit/checkbox.tsx';
import { cx } from '../../kit/cx.ts';
import { inputClass } from '../../kit/field.tsx';
import { Keys } from '../../kit/keys.tsx';
import { ChoiceButton, Questions } from './questions.tsx';
import type { Review } from './use-review.ts';

/** What is asked, beside what is judged; on a phone a bar at its foot. */
export function AnswerPanel({
  queue,
  review,
  evaluators,
  active,
  atOnce,
  correcting,
  focusCorrection,
  onAtOnce,
  onActive,
  onAnswer,
  onChoose,
  onCorrect,
  onStopCorrecting,
  onSubmit,
}: {
  queue: ReviewQueue;
  review: Review;
  evaluators: readonly ReviewEvaluator[];
  active: number;
  atOnce: boolean;
  correcting: boolean;
  focusCorrection: boolean;
  onAtOnce: (next: boolean) => void;
  onActive: (index: number) => void;
  onAnswer: (evaluator: ReviewEvaluator, value: JudgmentValue | undefined) => void;
  onChoose: (choice: 'left' | 'right' | 'tie') => void;
  onCorrect: () => void;
  onStopCorrecting: () => void;
  onSubmit: () => void;
}): ReactNode {
  const { draft } = review;
  const pairwise = queue.mode === 'pairwise';
  return (
    <aside
      aria-label="Your judgment"
      className="sticky bottom-0 z-10 flex flex-col gap-3 border-t border-line bg-ground px-4 pt-3 pb-[max(12px,env(safe-area-inset-bottom))] max-lg:max-h-[62dvh] max-lg:overflow-y-auto lg:top-11 lg:h-[calc(100dvh-46px)] lg:self-start lg:overflow-y-auto lg:border-t-0 lg:border-l lg:px-5 lg:pt-5"
    >
      {queue.instructions !== null && <Instructions text={queue.instructions} />}
      {pairwise ? (
        <fieldset className="min-w-0">
          <legend className="mb-1.5 font-medium">Which is better?</legend>
          <div className="flex gap-2">
            <ChoiceButton label="Left" keys="1" tone="neutral" active={draft.choice === 'left'} onPress={() => onChoose('left')} />
            <ChoiceButton label="Tie" keys="3" tone="neutral" active={draft.choice === 'tie'} onPress={() => onChoose('tie')} />
            <ChoiceButton label="Right" keys="2" tone="neutral" active={draft.choice === 'right'} onPress={() => onChoose('right')} />
          </div>
        </fieldset>
      ) : (
        <Questions evaluators={evaluators} active={active} draft={draft} onActive={onActive} onAnswer={onAnswer} />
      )}
      {correcting && (
        <Correction
          text={draft.correction ?? ''}
          focus={focusCorrection}
          onText={(correction) => review.change({ correction })}
          onStop={onStopCorrecting}
        />
      )}
      <Reason text={draft.reason} onText={(reason) => review.change({ reason })} />
      <div className="flex items-center gap-2">
        <IconButton
          icon={ArrowLeft}
          label="Previous"
          keys="k"
          onClick={() => review.move(-1)}
          disabled={review.position === 0}
          className="pointer-coarse:size-12"
        />
        <IconButton
          icon={ArrowRight}
          label="Next without judging"
          keys="j"
          onClick={() => review.move(1)}
          className="pointer-coarse:size-12 max-lg:hidden"
        />
        <IconButton
          icon={Undo2}
          label="Take back the last"
          keys="u"
          onClick={() => void review.undo()}
          className="pointer-coarse:size-12"
        />
        <IconButton
          icon={SkipForward}
          label="Leave to others"
          keys="s"
          onClick={review.skip}
          disabled={review.state !== 'open'}
          className="pointer-coarse:size-12"
        />
        {!pairwise && (
          <IconButton
            icon={PencilLine}
            label="Correct the output"
            keys="c"
            active={correcting}
            onClick={onCorrect}
            className="pointer-coarse:size-12"
          />
        )}
        <Button
          look="primary"
          onClick={onSubmit}
          className="ml-auto h-9 px-4 pointer-coarse:h-12 pointer-coarse:flex-1 pointer-coarse:text-read"
        >
          {review.state === 'answered' ? 'Save' : 'Next'}
          <span className="pointer-coarse:hidden">
            <Keys keys="mod+enter" inverse />
          </span>
        </Button>
      </div>
      <div className="flex items-center gap-2 text-meta text-ink-3 max-lg:hidden">
        <Checkbox checked={atOnce} onChange={onAtOnce} label="Go on as soon as an answer is chosen" />
        <span>Go on as soon as an answer is chosen</span>
      </div>
    </aside>
  );
}

function Instructions({ text }: { text: string }): ReactNode {
  return (
    <>
      <details className="lg:hidden">
        <summary className="text-meta text-ink-3">Instructions</summary>
        <p className="pt-1 whitespace-pre-wrap text-ink-2 wrap-anywhere">{text}</p>
      </details>
      <div className="max-lg:hidden">
        <h2 className="mb-1 font-semibold">Instructions</h2>
        <p className="whitespace-pre-wrap text-ink-2 wrap-anywhere">{text}</p>
      </div>
    </>
  );
}

/** Back to the keys of the page. */
const leave = (event: KeyboardEvent<HTMLTextAreaElement>) => {
  if (event.key !== 'Escape') return;
  event.stopPropagation();
  event.currentTarget.blur();
};

/** On a phone only when it is asked for: the room is for what is read. */
function Reason({ text, onText }: { text: string; onText: (text: string) => void }): ReactNode {
  const [asked, setAsked] = useState(false);
  const open = asked || text !== '';
  return (
    <>
      {!open && (
        <Button look="link" size="sm" onClick={() => setAsked(true)} className="self-start px-0 pointer-coarse:h-9 lg:hidden">
          Say why
        </Button>
      )}
      <textarea
        aria-label="Why"
        placeholder="Why? (optional)"
        rows={1}
        value={text}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={leave}
        className={cx(
          inputClass,
          'field-sizing-content max-h-32 min-h-9 shrink-0 resize-none py-1.5 pointer-coarse:min-h-11 pointer-coarse:py-2.5',
          !open && 'max-lg:hidden',
        )}
      />
    </>
  );
}

function Correction({
  text,
  focus,
  onText,
  onStop,
}: {
  text: string;
  focus: boolean;
  onText: (text: string) => void;
  onStop: () => void;
}): ReactNode {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (focus) field.current?.focus();
  }, [focus]);
  return (
    <div>
      <div className="mb-1.5 flex items-baseline justify-between">
        <label htmlFor="review-correction" className="font-medium">
          What it should have said
        </label>
        <Button look="link" size="sm" onClick={onStop}>
          Do not correct
        </Button>
      </div>
      <textarea
        ref={field}
        id="review-correction"
        value={text}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={leave}
        className={cx(inputClass, 'field-sizing-content max-h-[40dvh] min-h-28 py-1.5')}
      />
    </div>
  );
}

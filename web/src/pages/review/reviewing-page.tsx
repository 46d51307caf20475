import type { JudgmentValue, ReviewEvaluator, ReviewItem } from '@whetstone/contract';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Button, buttonClass } from '../../kit/button.tsx';
import { cx } from '../../kit/cx.ts';
import { formatCount } from '../../kit/format.ts';
import { useHotkeys } from '../../kit/hotkeys.ts';
import { Empty, Notice } from '../../kit/notice.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { useStored } from '../../kit/stored.ts';
import { toast } from '../../kit/toast.tsx';
import { useLinks } from '../../parts/links.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';
import { AnswerPanel } from './answer-panel.tsx';
import { timeLeft } from './draft.ts';
import { PairSubjects } from './pair.tsx';
import { choiceOfKey } from './questions.tsx';
import { pressed } from '../../parts/judge/choices.ts';
import { Subject } from './subject.tsx';
import { type Review, useReview } from './use-review.ts';

const route = getRouteApi('/w/$slug/review/$queueId/go');
const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** One log at a time, by keyboard or thumb. */
export function ReviewingPage(): ReactNode {
  const { queueId } = route.useParams();
  const links = useLinks();
  const navigate = useNavigate();
  const review = useReview(queueId);
  const { queue, item, draft } = review;
  const [active, setActive] = useState(0);
  const [correcting, setCorrecting] = useState(false);
  const [markdown, setMarkdown] = useStored('whetstone.markdown', false);
  const [atOnce, setAtOnce] = useStored('whetstone.review.at-once', false);
  const pairwise = queue?.mode === 'pairwise';
  const evaluators = pairwise ? [] : (queue?.evaluators ?? []);

  const submit = (patch?: Partial<Review['draft']>) => {
    if (review.submit(patch)) {
      setActive(0);
      setCorrecting(false);
    } else if (item !== null) toast('Answer first, or leave it to others with “s”');
  };
  const answer = (evaluator: ReviewEvaluator, value: JudgmentValue | undefined) => {
    const { [evaluator.id]: _, ...others } = draft.answers;
    const answers = value === undefined ? others : { ...others, [evaluator.id]: value };
    const single = evaluators.length === 1 && !Array.isArray(value) && value !== undefined;
    if (atOnce && single && evaluator.spec.return_type !== 'text') return submit({ answers });
    review.change({ answers });
    const open = evaluators.findIndex(({ id }) => answers[id] === undefined);
    if (value !== undefined && !Array.isArray(value) && open >= 0) setActive(open);
  };
  const choose = (choice: Review['draft']['choice']) => (atOnce ? submit({ choice }) : review.change({ choice }));
  const press = (key: string) => () => {
    if (pairwise) return choose(key === '1' ? 'left' : key === '2' ? 'right' : key === '3' || key === '0' ? 'tie' : draft.choice);
    const evaluator = evaluators[Math.min(active, evaluators.length - 1)];
    const choice = evaluator && choiceOfKey(evaluator.spec, key);
    if (evaluator && choice) answer(evaluator, pressed(evaluator.spec, draft.answers[evaluator.id], choice));
  };
  const correct = () => {
    if (pairwise || item === null) return;
    setCorrecting(true);
    if (draft.correction === null) review.change({ correction: item.subjects[0]?.output ?? '' });
  };
  useHotkeys({
    g: press('g'),
    b: press('b'),
    ...Object.fromEntries(digits.map((digit) => [digit, press(digit)])),
    ...(pairwise ? { left: () => choose('left'), right: () => choose('right'), t: () => choose('tie') } : {}),
    j: () => review.move(1),
    k: () => review.move(-1),
    c: correct,
    s: review.skip,
    u: () => void (review.undo() || toast('There is nothing to take back here')),
    m: () => setMarkdown(!markdown),
    'mod+enter': () => submit(),
    escape: () => void navigate(links.reviewQueue(queueId)),
  });

  const title = queue?.name ?? 'Review';
  return (
    <div className="flex min-h-full flex-col">
      <PageBar
        title={title}
        crumbs={[
          { label: 'Review', link: links.review },
          ...(queue === null ? [] : [{ label: queue.name, link: links.reviewQueue(queueId) }]),
          { label: <ProgressText review={review} /> },
        ]}
      >
        <ProgressLine done={review.done} left={review.left} />
      </PageBar>
      {review.error !== null && (
        <Notice
          kind="error"
          title="The next log could not be fetched"
          className="m-4"
          actions={<Button onClick={review.reload}>Try again</Button>}
        >
          {review.error}
        </Notice>
      )}
      <Sending review={review} />
      {item === null && review.error === null && !review.finished && <SkeletonRows count={8} height={48} />}
      {review.finished && <Finished review={review} queueId={queueId} />}
      {item !== null && queue !== null && (
        <div className="mx-auto grid w-full max-w-400 flex-1 lg:grid-cols-[minmax(0,1fr)_360px]">
          <article aria-label="What is judged" className={cx('min-w-0 px-4 pb-6 md:px-8 lg:pb-16', pairwise && 'lg:px-6')}>
            <Said state={review.state} />
            <Read item={item} markdown={markdown} choice={draft.choice} onChoose={choose} />
          </article>
          <AnswerPanel
            queue={queue}
            review={review}
            evaluators={evaluators}
            active={active}
            atOnce={atOnce}
            correcting={correcting || (draft.correction !== null && draft.correction !== item.subjects[0]?.output)}
            focusCorrection={correcting}
            onAtOnce={setAtOnce}
            onActive={setActive}
            onAnswer={answer}
            onChoose={choose}
            onCorrect={correct}
            onStopCorrecting={() => {
              setCorrecting(false);
              review.change({ correction: null });
            }}
            onSubmit={() => submit()}
          />
        </div>
      )}
    </div>
  );
}

function Read({
  item,
  markdown,
  choice,
  onChoose,
}: {
  item: ReviewItem;
  markdown: boolean;
  choice: Review['draft']['choice'];
  onChoose: (choice: 'left' | 'right') => void;
}): ReactNode {
  const [first, second] = item.subjects;
  if (first === undefined) return null;
  if (second === undefined) return <Subject key={item.id} subject={first} markdown={markdown} />;
  return <PairSubjects key={item.id} left={first} right={second} markdown={markdown} choice={choice} onChoose={onChoose} />;
}

function Said({ state }: { state: Review['state'] }): ReactNode {
  if (state === 'open') return null;
  return (
    <p className="pt-4 text-ink-3">
      {state === 'answered'
        ? 'You judged this. Change it and go on, or press “u” to take it back.'
        : 'You left this to others. Press “u” to take it again.'}
    </p>
  );
}

function ProgressText({ review: { done, left, queue } }: { review: Review }): ReactNode {
  if (queue === null) return 'Reviewing';
  const time = timeLeft(left, queue.mine.median_seconds);
  return (
    <span className="tabular-nums">
      {formatCount(done)} of {formatCount(done + left)}
      {time !== null && <span className="text-ink-3">, {time}</span>}
    </span>
  );
}

function ProgressLine({ done, left }: { done: number; left: number }): ReactNode {
  const share = done + left === 0 ? 0 : done / (done + left);
  return (
    <div
      role="progressbar"
      aria-label="Reviewed"
      aria-valuenow={Math.round(share * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
      className="h-0.5 bg-pressed"
    >
      <div className="h-full bg-accent transition-[width]" style={{ width: `${share * 100}%` }} />
    </div>
  );
}

/** Nothing is said while all goes well. */
function Sending({ review: { outbox } }: { review: Review }): ReactNode {
  const answers = outbox.waiting === 1 ? 'One answer is' : `${outbox.waiting} answers are`;
  return (
    <>
      {outbox.trouble !== null && outbox.waiting > 0 && (
        <Notice kind="warning" title={`${answers} not saved yet, and tried again until they are`} className="m-4 mb-0">
          {outbox.trouble} You can go on; nothing is lost, not even when you close this page.
        </Notice>
      )}
      {outbox.refused !== null && (
        <Notice
          kind="error"
          title="An answer was refused"
          className="m-4 mb-0"
          actions={<Button onClick={outbox.forget}>Understood</Button>}
        >
          {outbox.refused.why}
        </Notice>
      )}
    </>
  );
}

function Finished({ review, queueId }: { review: Review; queueId: string }): ReactNode {
  const links = useLinks();
  const many = review.queue?.source.type === 'filter' && review.queue.source.live;
  return (
    <Empty
      title={review.done === 0 ? 'Nothing is left for you here' : 'You are through'}
      action={
        <div className="flex flex-wrap gap-2">
          <Link {...links.reviewQueue(queueId)} className={buttonClass({ look: 'primary', size: 'lg' })}>
            See what was said
          </Link>
          {review.open > 0 && (
            <Button size="lg" onClick={() => void review.toFirstOpen()}>
              Back to the {review.open} you passed by
            </Button>
          )}
          <Button size="lg" onClick={() => void review.undo()}>
            Take back the last
          </Button>
        </div>
      }
    >
      {review.done === 0
        ? 'Others have judged these logs, or are reading them now. What they leave comes back when their time is over.'
        : `You judged ${formatCount(review.done)} ${review.done === 1 ? 'log' : 'logs'}.`}
      {many && ' New logs join this queue as they come.'}
    </Empty>
  );
}

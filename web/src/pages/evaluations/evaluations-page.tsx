import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { buttonClass } from '../../kit/button.tsx';
import { Input } from '../../kit/field.tsx';
import { useHotkeys } from '../../kit/hotkeys.ts';
import { EvaluationsList } from '../../parts/evaluation/evaluations-list.tsx';
import { NoEvaluations } from '../../parts/evaluation/no-evaluations.tsx';
import { useLinks } from '../../parts/links.ts';
import { useMay } from '../../parts/session.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';

const route = getRouteApi('/w/$slug/evaluations');

/** Every evaluation of the workspace, newest first. */
export function EvaluationsPage(): ReactNode {
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const links = useLinks();
  const mayWrite = useMay('write');
  const filter = useRef<HTMLInputElement>(null);
  useHotkeys({ '/': () => filter.current?.focus() });
  return (
    <>
      <PageBar
        title="Evaluations"
        crumbs={[{ label: 'Evaluations' }]}
        actions={
          mayWrite && (
            <Link {...links.newEvaluation()} className={buttonClass({ look: 'primary' })}>
              <Plus size={15} strokeWidth={1.5} aria-hidden /> New evaluation
            </Link>
          )
        }
      />
      <div className="hairline-b px-4 py-2">
        <Input
          ref={filter}
          type="search"
          aria-label="Filter by name"
          placeholder="Filter by name"
          value={q}
          onChange={(event) => void navigate({ search: event.target.value === '' ? {} : { q: event.target.value }, replace: true })}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
          className="max-w-80"
        />
      </div>
      <EvaluationsList text={q} empty={<NoEvaluations />} />
    </>
  );
}

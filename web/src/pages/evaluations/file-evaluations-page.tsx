import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { buttonClass } from '../../kit/button.tsx';
import { EvaluationsList } from '../../parts/evaluation/evaluations-list.tsx';
import { NoEvaluations } from '../../parts/evaluation/no-evaluations.tsx';
import { useLinks } from '../../parts/links.ts';
import { useMay } from '../../parts/session.ts';

const route = getRouteApi('/w/$slug/files/$fileId/evaluations');

/** The evaluations of one file. */
export function FileEvaluationsPage(): ReactNode {
  const { fileId } = route.useParams();
  const links = useLinks();
  const mayWrite = useMay('write');
  const tree = useQuery(query('files.tree'));
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="hairline-b flex min-h-11 items-center gap-3 px-4 py-2">
        <p className="min-w-0 flex-1 text-ink-3">Versions of this file, run over a dataset and judged.</p>
        {mayWrite && (
          <Link {...links.newEvaluation({ file: fileId })} className={buttonClass({ look: 'primary' })}>
            <Plus size={15} strokeWidth={1.5} aria-hidden /> Evaluate
          </Link>
        )}
      </div>
      <EvaluationsList fileId={fileId} empty={<NoEvaluations file={tree.data?.files.find((one) => one.id === fileId)} />} />
    </div>
  );
}

import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { buttonClass } from '../../kit/button.tsx';
import { ExperimentsList } from '../../parts/experiment/experiments-list.tsx';
import { NoExperiments } from '../../parts/experiment/no-experiments.tsx';
import { useLinks } from '../../parts/links.ts';
import { useMay } from '../../parts/session.ts';

const route = getRouteApi('/w/$slug/files/$fileId/experiments');

/** The experiments of one file. */
export function FileExperimentsPage(): ReactNode {
  const { fileId } = route.useParams();
  const links = useLinks();
  const mayWrite = useMay('write');
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="hairline-b flex min-h-11 items-center gap-3 px-4 py-2">
        <p className="min-w-0 flex-1 text-ink-3">Versions of this file on live traffic, judged by what users do.</p>
        {mayWrite && (
          <Link {...links.newExperiment({ file: fileId })} className={buttonClass({ look: 'primary' })}>
            <Plus size={15} strokeWidth={1.5} aria-hidden /> New experiment
          </Link>
        )}
      </div>
      <ExperimentsList fileId={fileId} empty={<NoExperiments fileId={fileId} />} />
    </div>
  );
}

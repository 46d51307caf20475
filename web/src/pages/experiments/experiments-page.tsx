import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { buttonClass } from '../../kit/button.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { ExperimentsList } from '../../parts/experiment/experiments-list.tsx';
import { NoExperiments } from '../../parts/experiment/no-experiments.tsx';
import { useLinks } from '../../parts/links.ts';
import { useMay } from '../../parts/session.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';

const route = getRouteApi('/w/$slug/experiments');
const every = 'all';
const states = [
  { value: 'running', label: 'Running' },
  { value: 'draft', label: 'Drafts' },
  { value: 'stopped', label: 'Stopped' },
  { value: 'promoted', label: 'Promoted' },
] as const;

/** Every experiment of the workspace. */
export function ExperimentsPage(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const links = useLinks();
  const mayWrite = useMay('write');
  const state = states.find((one) => one.value === search.state)?.value;
  return (
    <>
      <PageBar
        title="Experiments"
        crumbs={[{ label: 'Experiments' }]}
        actions={
          mayWrite && (
            <Link {...links.newExperiment()} className={buttonClass({ look: 'primary' })}>
              <Plus size={15} strokeWidth={1.5} aria-hidden /> New experiment
            </Link>
          )
        }
      />
      <div className="hairline-b shrink-0 overflow-x-auto px-4 py-2">
        <Segmented
          label="State"
          value={state ?? every}
          options={[{ value: every, label: 'All' }, ...states]}
          onChange={(value) => void navigate({ search: value === every ? {} : { state: value }, replace: true })}
        />
      </div>
      <ExperimentsList state={state} empty={<NoExperiments />} />
    </>
  );
}

import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PageBar } from '../../parts/shell/page-bar.tsx';
import { FeedbackView } from './feedback-view.tsx';

const route = getRouteApi('/w/$slug/feedback');

/** What users and colleagues say, of everything in the workspace. */
export function FeedbackPage(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageBar title="Feedback" crumbs={[{ label: 'Feedback' }]} />
      <FeedbackView fileId={null} search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />
    </>
  );
}

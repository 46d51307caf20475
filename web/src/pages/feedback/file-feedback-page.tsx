import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { FeedbackView } from './feedback-view.tsx';

const route = getRouteApi('/w/$slug/files/$fileId/feedback');

/** What users and colleagues say of what a file's versions answered. */
export function FileFeedbackPage(): ReactNode {
  const { fileId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <FeedbackView key={fileId} fileId={fileId} search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />
    </div>
  );
}

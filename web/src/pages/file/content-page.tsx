import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import { Notice } from '../../kit/notice.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { versionsQuery } from '../../parts/file-query.ts';
import { useFileHere } from './file-context.ts';
import { ReadContent } from './content/read-content.tsx';

const route = getRouteApi('/w/$slug/files/$fileId/');
const PromptEditor = lazy(() => import('./editor/prompt-editor.tsx'));
const DatasetPage = lazy(() => import('./dataset/dataset-page.tsx'));
const EvaluatorEditor = lazy(() => import('./evaluator/evaluator-editor.tsx'));

/** What a file says: the editors of prompts, evaluators and datasets, the content of the others. */
export function ContentPage(): ReactNode {
  const file = useFileHere();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const versions = useQuery(versionsQuery(file.kind, file.id));
  if (versions.error)
    return (
      <Notice kind="error" title="The versions could not be read" className="m-4">
        {versions.error.message}
      </Notice>
    );
  if (versions.data === undefined) return <SkeletonRows count={10} />;
  const version = versions.data.find((one) => one.version_id === search.version) ?? versions.data[0];
  if (version === undefined)
    return (
      <Notice className="m-4" title="No version has been saved yet">
        This file was made by a call that named only a model.
      </Notice>
    );
  const missing = search.version !== undefined && version.version_id !== search.version;
  if (version.type === 'evaluator')
    return (
      <Suspense fallback={<SkeletonRows count={10} />}>
        <EvaluatorEditor
          key={file.id}
          version={version}
          versions={versions.data.filter((one) => one.type === 'evaluator')}
          asked={search.version ?? null}
          beside={search.beside ?? null}
          onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })}
        />
      </Suspense>
    );
  if (version.type === 'dataset')
    return (
      <Suspense fallback={<SkeletonRows count={10} />}>
        <DatasetPage file={version} versions={versions.data.filter((one) => one.type === 'dataset')} missing={missing} />
      </Suspense>
    );
  if (version.type !== 'prompt') return <ReadContent file={version} versions={versions.data} missing={missing} />;
  const prompts = versions.data.filter((one) => one.type === 'prompt');
  return (
    <Suspense fallback={<SkeletonRows count={10} />}>
      <PromptEditor
        key={file.id}
        version={version}
        versions={prompts}
        asked={search.version ?? null}
        beside={search.beside ?? null}
        onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })}
      />
    </Suspense>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { query } from '../../api/query.ts';
import { buttonClass } from '../../kit/button.tsx';
import { Code } from '../../kit/code.tsx';
import { Empty } from '../../kit/notice.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { useLinks } from '../links.ts';
import { useMay } from '../session.ts';
import { evaluationSnippet, evaluationSnippets, type SnippetLanguage } from './snippets.ts';

/** No evaluation yet: what one is, and how to make the first. */
export function NoEvaluations({ file }: { file?: { id: string; path: string; type: string } | undefined }): ReactNode {
  const links = useLinks();
  const mayWrite = useMay('write');
  const instance = useQuery(query('instance.get'));
  const tree = useQuery(query('files.tree'));
  const [language, setLanguage] = useState<SnippetLanguage>('curl');
  const first = (type: string) => tree.data?.files.find((one) => one.type === type);
  const subject = file ?? first('prompt');
  return (
    <Empty
      title="No evaluations yet"
      className="max-w-2xl py-10"
      action={
        <>
          {mayWrite && (
            <Link {...links.newEvaluation(file && { file: file.id })} className={buttonClass({ look: 'primary' })}>
              <Plus size={15} strokeWidth={1.5} aria-hidden /> New evaluation
            </Link>
          )}
          <div className="w-full min-w-0 pt-2">
            <p className="mb-2 text-ink-2">Or from a program:</p>
            <Segmented label="Language" value={language} onChange={setLanguage} options={evaluationSnippets} className="mb-2" />
            <Code
              text={evaluationSnippet(language, {
                url: instance.data?.url ?? window.location.origin,
                path: subject?.path ?? 'support/answer',
                versionId: tree.data?.files.find((one) => one.id === subject?.id)?.version_id ?? 'VERSION_ID',
                dataset: first('dataset')?.path ?? 'support/cases',
                // What people say as feedback judges nothing by itself.
                evaluator:
                  tree.data?.files.find((one) => one.type === 'evaluator' && !one.path.startsWith('feedback/'))?.path ?? 'judges/polite',
              })}
            />
          </div>
        </>
      }
    >
      An evaluation runs versions over the cases of a dataset, has every answer judged, and says which version is better, or that so many
      cases cannot tell.
    </Empty>
  );
}

import { useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { Code } from '../../kit/code.tsx';
import { Input } from '../../kit/field.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { useStored } from '../../kit/stored.ts';
import { useMay } from '../../parts/session.ts';
import { useAction } from '../../parts/use-action.ts';
import { type Program, programs, type Sent, snippet } from './snippets.ts';

/** Ten lines that send one kind, with the address, a log that is there and, when one was made here, a key. */
export function HowToSend({ sent, fileId }: { sent: Sent; fileId: string | null }): ReactNode {
  const [program, setProgram] = useStored<Program>('whetstone.feedback.program', 'curl');
  const [keys, setKeys] = useState<{ gateway?: string; feedback?: string }>({});
  const admin = useMay('admin');
  const instance = useQuery(query('instance.get'));
  const logs = useQuery({
    ...query('logs.list', {
      query: { size: 1, summary: true, count: false, sort: '-at', ...(fileId === null ? {} : { file_id: [fileId] }) },
    }),
    staleTime: 60_000,
  });
  const [origin, setOrigin] = useState('');
  const { busy, run } = useAction('The key was not made', ['api_keys.list']);
  const role = program === 'browser' ? 'feedback' : 'gateway';
  const key = keys[role];
  const make = () =>
    run(async () => {
      const name = `${role === 'feedback' ? 'Publishable, ' : ''}Feedback page, ${new Date().toLocaleDateString('en-GB')}`;
      const origins = role === 'feedback' ? { origins: [origin.trim()] } : {};
      const { key: made } = await call('api_keys.create', { body: { name, role, ...origins } });
      if (made != null) setKeys({ ...keys, [role]: made });
    });
  const url = instance.data?.url ?? window.location.origin;
  return (
    <div className="pb-4 sm:pl-6.5">
      <div className="mb-2 flex flex-wrap items-center gap-3">
        <div className="max-w-full overflow-x-auto">
          <Segmented label="Program" value={program} onChange={setProgram} options={programs} />
        </div>
        {admin && key === undefined && (
          <form
            className="flex flex-wrap items-center gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              void make();
            }}
          >
            {role === 'feedback' && (
              <Input
                aria-label="Origin of your page"
                placeholder="https://app.example.com"
                required
                value={origin}
                onChange={(event) => setOrigin(event.target.value)}
                className="h-7 w-52"
                spellCheck={false}
              />
            )}
            <Button type="submit" icon={KeyRound} busy={busy}>
              {role === 'feedback' ? 'Make a key for this page' : 'Make a key and put it in'}
            </Button>
          </form>
        )}
      </div>
      <Code
        text={snippet(program, sent, {
          url,
          key: key ?? (role === 'feedback' ? 'YOUR_PUBLISHABLE_KEY' : 'YOUR_KEY'),
          logId: logs.data?.records[0]?.id ?? 'LOG_ID',
        })}
      />
      <p className="mt-2 max-w-[72ch] text-meta text-ink-3">
        {role === 'feedback'
          ? 'A publishable key may stand in a page: it can only send feedback, only from the origins that it names, and only so much. '
          : 'Your own id of the answer does as well, as reference_id. '}
        Sent again it is the same feedback; <code>"remove": true</code> takes it back.{' '}
        <a href="/docs/feedback.md" className="text-accent-ink underline underline-offset-2">
          All about feedback
        </a>
      </p>
    </div>
  );
}

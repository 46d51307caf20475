import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { Button } from '../../kit/button.tsx';
import { ConfirmDialog } from '../../kit/dialog.tsx';
import { Input } from '../../kit/field.tsx';
import { toast } from '../../kit/toast.tsx';
import { useAction } from '../../parts/use-action.ts';
import { Panel } from './panel.tsx';

/** Everything that was logged for one end user, deleted on their wish. */
export function ForgetUser(): ReactNode {
  const [user, setUser] = useState('');
  const [asking, setAsking] = useState(false);
  const { run } = useAction('Nothing was deleted', ['logs.list', 'logs.facets', 'logs.series']);
  const remove = () =>
    run(async () => {
      const { deleted } = await call('logs.delete_user', { params: { user: user.trim() } });
      toast(deleted === 0 ? `Nothing was logged for ${user.trim()}` : `${deleted} logs of ${user.trim()} deleted`);
      setUser('');
    });
  return (
    <Panel
      title="Forget an end user"
      about="Deletes every log and judgment that names this user, from the intake queue too. Erased from disk within a day."
    >
      <form
        className="flex max-w-md gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          setAsking(true);
        }}
      >
        <Input
          aria-label="User as your application names it"
          value={user}
          onChange={(event) => setUser(event.target.value)}
          placeholder="user id, as your application sends it"
        />
        <Button type="submit" look="danger" disabled={user.trim() === ''} className="h-8">
          Forget user
        </Button>
      </form>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Forget ${user.trim()}?`}
        loss="All their logs and judgments are gone for good, here and in charts."
        action="Delete everything of this user"
        phrase={user.trim()}
        onConfirm={remove}
      />
    </Panel>
  );
}

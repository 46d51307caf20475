import { roleMay } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { Checkbox } from '../../kit/checkbox.tsx';

/** Members who may judge; nobody chosen means all of them. */
export function Reviewers({ chosen, onChange }: { chosen: readonly string[]; onChange: (ids: string[]) => void }): ReactNode {
  const { data } = useQuery(query('members.list'));
  const able = (data?.records ?? []).filter((member) => roleMay(member.role, 'judge'));
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium">Who reviews</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {able.map((member) => (
          <label key={member.id} className="flex min-h-7 items-center gap-2 pointer-coarse:min-h-10">
            <Checkbox
              label={member.name}
              checked={chosen.includes(member.id)}
              onChange={(on) => onChange(on ? [...chosen, member.id] : chosen.filter((id) => id !== member.id))}
            />
            {member.name}
          </label>
        ))}
      </div>
      <p className="mt-1 text-meta text-ink-3">
        {chosen.length === 0 ? 'Nobody chosen: whoever may judge.' : 'Only those who are chosen see it as theirs.'}
      </p>
    </fieldset>
  );
}

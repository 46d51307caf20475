import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { Button } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { useAction } from '../../parts/use-action.ts';

type Key = Answer<'api_keys.list'>['records'][number];

export function originsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((origin) => origin !== '');
}

/** The pages that may send feedback with a publishable key. */
export function OriginsField({ value, onChange }: { value: string; onChange: (text: string) => void }): ReactNode {
  return (
    <Field label="Pages that may send" hint="Their origins, with spaces between. * is any page. Without one, only programs may.">
      {(props) => (
        <Input
          {...props}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          placeholder="https://app.example.com"
          spellCheck={false}
        />
      )}
    </Field>
  );
}

export function OriginsDialog({ of, onClose }: { of: Key; onClose: () => void }): ReactNode {
  const [text, setText] = useState(of.origins.join(' '));
  const { busy, run } = useAction('The pages were not changed', ['api_keys.list']);
  const save = () =>
    run(async () => {
      await call('api_keys.update', { params: { id: of.id }, body: { origins: originsOf(text) } });
      onClose();
    }, 'Pages changed');
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Pages of ${of.name}`}
      description="This key stands in pages that everybody can read. It can only send feedback."
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <OriginsField value={text} onChange={setText} />
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

import { Trash2 } from 'lucide-react';
import type { ClipboardEvent, ReactNode } from 'react';
import { messageOf } from '../../api/errors.ts';
import { IconButton } from '../../kit/button.tsx';
import { cx } from '../../kit/cx.ts';
import { toastError } from '../../kit/toast.tsx';
import { LoggedImage } from '../log/image.tsx';
import { isPictureData } from '../log/pictures.ts';
import { readInput } from './kernel.ts';
import { picturesIn, readImage } from './read-image.ts';

/** A value for each variable of the template. Lists and objects are written as JSON; a pasted picture becomes its data URL. */
export function InputsPane({
  names,
  values,
  onChange,
}: {
  names: readonly string[];
  values: Record<string, string>;
  onChange: (values: Record<string, string>) => void;
}): ReactNode {
  if (names.length === 0) {
    return (
      <p className="text-ink-3">
        No variables. Write <code className="tpl-variable">{'{{name}}'}</code> in a message to make one.
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-2.5">
      {names.map((name) => (
        <InputField key={name} name={name} value={values[name] ?? ''} onChange={(value) => onChange({ ...values, [name]: value })} />
      ))}
    </div>
  );
}

function InputField({ name, value, onChange }: { name: string; value: string; onChange: (value: string) => void }): ReactNode {
  const paste = (event: ClipboardEvent) => {
    const [picture] = picturesIn(event.clipboardData);
    if (picture === undefined) return;
    event.preventDefault();
    readImage(picture).then(onChange, (error: unknown) => toastError('The image was not taken', messageOf(error)));
  };
  if (isPictureData(value)) {
    return (
      <div>
        <code className="tpl-variable">{name}</code>
        <div className="mt-1 flex items-start gap-1">
          <LoggedImage url={value} alt={`Image for ${name}`} className="max-h-40" />
          <IconButton icon={Trash2} label={`Take the image for ${name} out`} onClick={() => onChange('')} className="size-6" />
        </div>
      </div>
    );
  }
  return (
    <label className="block">
      <code className="tpl-variable">{name}</code>
      <textarea
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onPaste={paste}
        rows={1}
        placeholder="empty"
        spellCheck={false}
        className={cx(
          'mt-1 field-sizing-content block max-h-56 min-h-8 w-full resize-y rounded-md bg-raised px-2.5 py-1.5 shadow-[inset_0_0_0_1px_var(--line-strong)] outline-none placeholder:text-ink-3 focus:shadow-[inset_0_0_0_1px_var(--accent),0_0_0_3px_var(--accent-soft)]',
          typeof readInput(value) !== 'string' && 'font-mono text-[12px]',
        )}
      />
    </label>
  );
}

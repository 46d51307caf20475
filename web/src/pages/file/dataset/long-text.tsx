import { type ComponentProps, type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { cx } from '../../../kit/cx.ts';
import { inputClass } from '../../../kit/field.tsx';

const highest = 420;

/** A text as high as it is long; taken over when one leaves it. */
export function LongText({
  text,
  readOnly,
  onText,
  className,
  ...rest
}: Omit<ComponentProps<'textarea'>, 'value' | 'onChange'> & {
  text: string;
  onText: (text: string) => Promise<boolean> | void;
}): ReactNode {
  const area = useRef<HTMLTextAreaElement>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? text;
  useLayoutEffect(() => {
    const box = area.current;
    if (box === null) return;
    box.style.height = '0';
    box.style.height = `${Math.min(highest, box.scrollHeight + 2)}px`;
  }, [shown]);
  const take = async (): Promise<void> => {
    if (typed === null || typed === text) return setTyped(null);
    if ((await onText(typed)) !== false) setTyped(null);
  };
  return (
    <textarea
      {...rest}
      ref={area}
      value={shown}
      readOnly={readOnly}
      spellCheck={false}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => void take()}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || typed === null) return;
        event.stopPropagation();
        setTyped(null);
      }}
      className={cx(inputClass, 'min-h-9 resize-none py-2 text-read leading-6', className)}
    />
  );
}

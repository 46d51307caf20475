import { CircleAlert, Search, X } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { IconButton } from '../../kit/button.tsx';
import { cx } from '../../kit/cx.ts';
import { useHotkeys } from '../../kit/hotkeys.ts';
import { Keys } from '../../kit/keys.tsx';
import { popupClass } from '../../kit/popup.ts';
import { completions } from './completions.ts';
import { wordAt } from './filter-text.ts';
import type { Facets } from './use-facets.ts';
import { useJudged } from './use-judged.ts';

/** The filter, written as text, with completion of what one can filter by and of the values that occur. */
export function FilterBar({
  value,
  facets,
  error,
  onChange,
}: {
  value: string;
  facets: Facets;
  error: string | null;
  onChange: (value: string) => void;
}): ReactNode {
  const [text, setText] = useState(value);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const [cursor, setCursor] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  useEffect(() => setText(value), [value]);
  useHotkeys({ '/': () => input.current?.focus() });
  const { start, end, word } = wordAt(text, cursor);
  const judged = useJudged(open ? word : '');
  const offers = open ? completions(word, { ...facets, ...judged }) : [];
  const chosen = Math.min(at, offers.length - 1);
  const take = (insert: string) => {
    const next = text.slice(0, start) + insert + text.slice(end);
    setText(next);
    setAt(0);
    const place = start + insert.length;
    setCursor(place);
    requestAnimationFrame(() => input.current?.setSelectionRange(place, place));
    if (!/[:.>]$/.test(insert)) onChange(next.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      setAt((chosen + (event.key === 'ArrowDown' ? 1 : offers.length - 1)) % Math.max(1, offers.length));
    } else if (event.key === 'Tab' && offers[chosen] !== undefined && word !== '') {
      event.preventDefault();
      take(offers[chosen].insert);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (at > 0 && offers[chosen] !== undefined) take(offers[chosen].insert);
      else {
        setOpen(false);
        onChange(text.trim());
      }
    } else if (event.key === 'Escape') {
      event.preventDefault();
      if (open && offers.length > 0) setOpen(false);
      else input.current?.blur();
    }
  };
  const follow = () => setCursor(input.current?.selectionStart ?? text.length);
  return (
    <div className="relative min-w-0 flex-1 max-md:basis-full">
      <Search size={14} strokeWidth={1.5} className="absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-3" aria-hidden />
      <input
        ref={input}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setCursor(event.target.selectionStart ?? 0);
          setOpen(true);
          setAt(0);
        }}
        onFocus={() => {
          setOpen(true);
          follow();
        }}
        onBlur={() => {
          setOpen(false);
          if (text.trim() !== value) onChange(text.trim());
        }}
        onKeyUp={follow}
        onClick={follow}
        onKeyDown={onKeyDown}
        role="combobox"
        aria-label="Filter logs"
        aria-expanded={offers.length > 0}
        aria-controls={listId}
        aria-invalid={error !== null}
        placeholder="Filter: status:error model:… or words to find"
        spellCheck={false}
        autoComplete="off"
        className="h-8 w-full rounded-md bg-raised pr-16 pl-8 font-mono text-[12px] shadow-[inset_0_0_0_1px_var(--line-strong)] outline-none placeholder:font-sans placeholder:text-[13px] placeholder:text-ink-3 focus:shadow-[inset_0_0_0_1px_var(--accent),0_0_0_3px_var(--accent-soft)] aria-invalid:shadow-[inset_0_0_0_1px_var(--worse)] pointer-coarse:h-10"
      />
      <span className="absolute inset-y-0 right-1.5 flex items-center gap-1">
        {text !== '' && <IconButton icon={X} label="Clear the filter" onClick={() => onChange('')} className="size-6" />}
        {text === '' && (
          <span className="pr-1 max-md:hidden">
            <Keys keys="/" />
          </span>
        )}
      </span>
      {error !== null && !open && (
        <p className="absolute top-full left-0 z-10 mt-1 flex items-center gap-1.5 rounded-md bg-raised px-2 py-1 text-meta text-worse shadow-float">
          <CircleAlert size={13} aria-hidden /> {error}
        </p>
      )}
      {offers.length > 0 && (
        <ul
          id={listId}
          role="listbox"
          aria-label="Completions"
          className={cx(popupClass, 'absolute top-full left-0 z-30 mt-1 max-h-80 w-[min(440px,100%)] overflow-y-auto p-1')}
        >
          {offers.map((offer, index) => (
            <li
              key={offer.insert}
              role="option"
              aria-selected={index === chosen}
              onPointerDown={(event) => {
                event.preventDefault();
                take(offer.insert);
              }}
              className={cx('flex h-7 items-center gap-3 rounded-sm px-2', index === chosen && at > 0 ? 'bg-pressed' : 'hover:bg-hover')}
            >
              <code className="truncate text-ink">{offer.label}</code>
              <span className="ml-auto shrink-0 truncate text-meta text-ink-3 tabular-nums">{offer.hint}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

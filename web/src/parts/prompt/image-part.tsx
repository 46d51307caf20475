import type { ContentPart } from '@whetstone/contract';
import { Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../../kit/button.tsx';
import { Input } from '../../kit/field.tsx';
import { formatBytes } from '../../kit/format.ts';
import { Select } from '../../kit/select.tsx';
import { LoggedImage } from '../log/image.tsx';
import { dataFacts, isPictureData } from '../log/pictures.ts';
import { changedImage, type Detail } from './images.ts';

type ImagePart = Extract<ContentPart, { type: 'image_url' }>;
const details: { value: Detail | 'default'; label: string }[] = [
  { value: 'default', label: 'Default detail' },
  { value: 'low', label: 'Low detail' },
  { value: 'high', label: 'High detail' },
  { value: 'auto', label: 'Detail as the model likes' },
];

/** An image inside a message that is edited: the picture where it is ours, its address where it lies elsewhere or is a variable. */
export function ImagePartEditor({
  part,
  label,
  onChange,
  onRemove,
}: {
  part: ImagePart;
  label: string;
  onChange: (part: ImagePart) => void;
  onRemove: () => void;
}): ReactNode {
  const { url, detail } = part.image_url;
  const facts = dataFacts(url);
  return (
    <figure className="flex max-w-[76ch] flex-col gap-1">
      {isPictureData(url) ? (
        <LoggedImage url={url} alt={label} className="max-h-48" />
      ) : (
        <Input
          aria-label={`Address of ${label}`}
          value={url}
          onChange={(event) => onChange(changedImage(part, { url: event.target.value }))}
          placeholder="https://… or {{variable}}"
          spellCheck={false}
          className="font-mono text-[12px]"
        />
      )}
      <figcaption className="flex flex-wrap items-center gap-x-2 text-meta text-ink-3">
        {facts === null ? (
          <span>Fetched by the provider, not by this page</span>
        ) : (
          <span className="num">
            {facts.type.toUpperCase()}, {formatBytes(facts.bytes)}
          </span>
        )}
        <Select
          bare
          label={`Detail of ${label}`}
          value={detail ?? 'default'}
          options={details}
          onChange={(next) => onChange(changedImage(part, { detail: next === 'default' ? null : next }))}
          className="h-6 text-meta text-ink-3"
        />
        <IconButton icon={Trash2} label="Take this image out" onClick={onRemove} className="size-6" />
      </figcaption>
    </figure>
  );
}

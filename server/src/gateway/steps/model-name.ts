import { AppError } from '@whetstone/contract';
import { filePrefixes, hasPrefix, parsePath, versionPrefixes } from '@whetstone/domain';
import type { FileRef, VersionSelector } from '../../files/index.ts';

/** `prompt:PATH`, optionally `@ENVIRONMENT` or `@VERSION_ID`; null when the name is not of a file. */
export function parseFileName(model: string): { kind: 'prompt' | 'agent'; ref: FileRef; at: VersionSelector } | null {
  const match = /^(prompt|agent):(.*)$/su.exec(model);
  if (match === null) return null;
  const kind = match[1] === 'agent' ? 'agent' : 'prompt';
  const name = match[2] ?? '';
  const cut = name.lastIndexOf('@');
  const place = cut < 0 ? name : name.slice(0, cut);
  const version = cut < 0 ? null : name.slice(cut + 1);
  if (version === '') throw new AppError('bad_request', 'After `@` comes the name of an environment or a version id.');
  const ref: FileRef = hasPrefix(place, filePrefixes[kind]) ? { id: place } : { path: parsePath(place, 'model') };
  if (version === null) return { kind, ref, at: {} };
  return { kind, ref, at: hasPrefix(version, versionPrefixes[kind]) ? { versionId: version } : { environment: version } };
}

/** Where calls of a bare model are logged. */
export function gatewayPath(model: string): string {
  const safe = model
    .split('/')
    .map((part) =>
      part
        .trim()
        .replace(/[^\p{L}\p{N} ._:@+~-]/gu, '-')
        .slice(0, 120),
    )
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .slice(0, 6)
    .join('/');
  return `gateway/${safe === '' ? 'unnamed' : safe}`;
}

import { createContext, use } from 'react';
import type { VersionedKind } from '../../parts/file-query.ts';

/** The file that the pages below the frame are about. */
export interface FileHere {
  id: string;
  kind: VersionedKind;
  path: string;
  name: string;
}
export const FileContext = createContext<FileHere | null>(null);

export function useFileHere(): FileHere {
  const file = use(FileContext);
  if (file === null) throw new Error('There is no file here.');
  return file;
}

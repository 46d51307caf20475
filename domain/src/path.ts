import { AppError } from '@whetstone/contract';

/** Paths of files and directories: `folder/sub/name`. Case and spaces count. */

const maxSegment = 255;
const maxPath = 1024;
// C0, DEL and C1 controls, and the marks that reorder or hide text: two paths that look alike must be alike.
// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001F\u007F-\u009F\u200B\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/;

/** The one form of a path: Unicode NFC, no white space around a segment. Not yet checked. */
export function normalisePath(path: string): string {
  return path
    .normalize('NFC')
    .split('/')
    .map((segment) => segment.trim())
    .join('/');
}

/** Why a normalised path cannot be a path, or null when it can. */
export function pathProblem(path: string): string | null {
  if (path === '') return 'The path is empty.';
  if (path.length > maxPath) return `The path is longer than ${maxPath} characters.`;
  if (path.startsWith('/') || path.endsWith('/')) return 'A path has no slash at its start or end.';
  if (!path.isWellFormed() || unprintable.test(path)) return 'The path has control or invisible characters.';
  for (const segment of path.split('/')) {
    if (segment === '') return 'The path has an empty part between two slashes.';
    if (segment === '.' || segment === '..') return `The path has the part \`${segment}\`; write it out in full.`;
    if (segment.length > maxSegment) return `A part of the path is longer than ${maxSegment} characters.`;
  }
  return null;
}

/** The normalised path. Throws `invalid_input` that names the field and what to mend. */
export function parsePath(path: string, field = 'path'): string {
  const normal = normalisePath(path);
  const problem = pathProblem(normal);
  if (problem === null) return normal;
  throw new AppError('invalid_input', problem, { details: [{ loc: ['body', field], msg: problem, type: 'value_error.path' }] });
}

/** The directory of a path; '' for one at the top. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** The last part of a path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function joinPath(parent: string, name: string): string {
  return parent === '' ? name : `${parent}/${name}`;
}

/** All directories above a path, nearest last: `a/b/c` gives `a`, `a/b`. */
export function ancestorPaths(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

/** Whether `path` lies in `directory` or below; everything lies in ''. */
export function isWithin(path: string, directory: string): boolean {
  return directory === '' || path.startsWith(`${directory}/`);
}

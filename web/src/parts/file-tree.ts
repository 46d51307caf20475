/** A file as the tree lists it. */
export interface TreeFile {
  id: string;
  type: string;
  path: string;
  name: string;
  content_hash: string;
}
export type TreeNode =
  | { kind: 'directory'; path: string; name: string; children: TreeNode[] }
  | { kind: 'file'; path: string; name: string; file: TreeFile };

/** Directories and files as a tree: directories first, each level by name. A directory that only a path names is made up. */
export function buildTree(directories: readonly { path: string }[], files: readonly TreeFile[]): TreeNode[] {
  const roots: TreeNode[] = [];
  const known = new Map<string, TreeNode[]>([['', roots]]);
  const childrenOf = (path: string): TreeNode[] => {
    const found = known.get(path);
    if (found) return found;
    const cut = path.lastIndexOf('/');
    const children: TreeNode[] = [];
    known.set(path, children);
    childrenOf(cut < 0 ? '' : path.slice(0, cut)).push({ kind: 'directory', path, name: path.slice(cut + 1), children });
    return children;
  };
  for (const { path } of directories) if (path !== '' && path !== '/') childrenOf(path.replace(/^\//, ''));
  for (const file of files) {
    const cut = file.path.lastIndexOf('/');
    childrenOf(cut < 0 ? '' : file.path.slice(0, cut)).push({
      kind: 'file',
      path: file.path,
      name: file.name || file.path.slice(cut + 1),
      file,
    });
  }
  for (const children of known.values()) children.sort(byKindAndName);
  return roots;
}

function byKindAndName(a: TreeNode, b: TreeNode): number {
  return a.kind === b.kind ? a.name.localeCompare(b.name, 'en', { numeric: true }) : a.kind === 'directory' ? -1 : 1;
}

/** A row of the tree as it is shown. */
export interface TreeRow {
  node: TreeNode;
  depth: number;
}

/** The rows to show: children of closed directories are left out; a search opens all and keeps what its words are in. */
export function treeRows(nodes: readonly TreeNode[], closed: ReadonlySet<string>, search: string): TreeRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const rows: TreeRow[] = [];
  const visit = (level: readonly TreeNode[], depth: number): boolean => {
    let any = false;
    for (const node of level) {
      const at = rows.length;
      rows.push({ node, depth });
      const inside = node.kind === 'directory' && (words.length > 0 || !closed.has(node.path)) ? visit(node.children, depth + 1) : false;
      const keep = words.length === 0 || inside || (node.kind === 'file' && words.every((word) => node.path.toLowerCase().includes(word)));
      if (!keep) rows.length = at;
      any ||= keep;
    }
    return any;
  };
  visit(nodes, 0);
  return rows;
}

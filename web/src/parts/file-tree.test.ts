import { describe, expect, it } from 'vitest';
import { buildTree, treeRows } from './file-tree.ts';

const file = (path: string) => ({ id: path, type: 'prompt', path, name: path.slice(path.lastIndexOf('/') + 1), content_hash: '00' });
const shown = (rows: ReturnType<typeof treeRows>) => rows.map((row) => '  '.repeat(row.depth) + row.node.name);

describe('the tree of files', () => {
  const tree = buildTree([{ path: 'empty' }, { path: 'support' }], [file('zeta'), file('support/answer'), file('support/deep/route')]);

  it('puts directories before files and makes up those that only a path names', () => {
    expect(shown(treeRows(tree, new Set(), ''))).toEqual(['empty', 'support', '  deep', '    route', '  answer', 'zeta']);
  });
  it('leaves out what is inside a closed directory', () => {
    expect(shown(treeRows(tree, new Set(['support']), ''))).toEqual(['empty', 'support', 'zeta']);
  });
  it('finds files by any part of their path, closed directories included', () => {
    expect(shown(treeRows(tree, new Set(['support']), 'sup route'))).toEqual(['support', '  deep', '    route']);
  });
});

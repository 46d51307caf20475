import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseOf, cellText, columnsOf, datapointOf, emptyCase, withCell } from '../../../parts/dataset/cells.ts';
import {
  addColumn,
  addRows,
  changeColumn,
  changeRow,
  countEdits,
  deltaOf,
  editWords,
  noEdits,
  placeOf,
  removeRows,
  restoreRows,
  rowOf,
} from './edits.ts';
import { readTsv, writeTsv } from './tsv.ts';

const one = (question: string) => ({ ...emptyCase, inputs: { question } });
const base = {
  id: 'dp_1',
  inputs: { question: 'a' },
  messages: null,
  target: { n: 1, output: 'x' },
  metadata: null,
  split: null,
  tags: [],
};

describe('edits', () => {
  it('stand in the rows where they were put, in tables of any size', () => {
    const belows = fc.array(fc.integer({ min: -1, max: 20 }), { maxLength: 12 });
    fc.assert(
      fc.property(belows, (places) => {
        const edits = places.reduce((before, below, at) => addRows(before, below, null, [{ key: `n${at}`, one: one('x') }]), noEdits);
        const rows = Array.from({ length: 21 + places.length }, (_, row) => placeOf(edits, row));
        expect(rows.filter((place) => 'base' in place).map((place) => ('base' in place ? place.base : 0))).toEqual(
          Array.from({ length: 21 }, (_, i) => i),
        );
        expect(rows.filter((place) => 'added' in place).map((place) => ('added' in place ? place.added : 0))).toEqual(
          places.map((_, i) => i),
        );
        for (const [row, place] of rows.entries()) expect(rowOf(edits, place)).toBe(row);
      }),
    );
  });

  it('are counted and sent as what differs', () => {
    let edits = changeRow(noEdits, 'dp_1', one('b'));
    edits = addRows(edits, 4, 'dp_5', [
      { key: 'n1', one: one('new') },
      { key: 'n2', one: emptyCase },
    ]);
    edits = removeRows(edits, ['dp_2', 'dp_1'], []);
    expect(editWords(countEdits(edits))).toBe('1 added, 2 removed');
    edits = restoreRows(edits, ['dp_1']);
    expect(editWords(countEdits(edits))).toBe('1 added, 1 changed, 1 removed');
    expect(deltaOf(edits)).toEqual({
      removed: ['dp_2'],
      changed: [{ id: 'dp_1', datapoint: { inputs: { question: 'b' } } }],
      added: [{ after: 'dp_5', datapoint: { inputs: { question: 'new' } } }],
      columns: [],
    });
  });

  it('of columns go through what was edited and are sent for the rest', () => {
    let edits = addColumn(changeRow(noEdits, 'dp_1', caseOf(base)), { part: 'inputs', name: 'extra' });
    edits = changeColumn(edits, { part: 'target', name: 'n' }, 'count');
    edits = changeColumn(edits, { part: 'inputs', name: 'extra' }, null);
    expect(edits.made).toEqual([]);
    expect(edits.changed.get('dp_1')?.target).toEqual({ count: 1, output: 'x' });
    expect(deltaOf(edits).columns).toEqual([
      { part: 'target', key: 'n', to: 'count' },
      { part: 'inputs', key: 'extra', to: null },
    ]);
  });
});

describe('cells', () => {
  it('keep what was no text what it was', () => {
    const number = withCell(caseOf(base), { part: 'target', name: 'n' }, '42');
    const text = withCell(caseOf(base), { part: 'target', name: 'output' }, '42');
    expect([number, text]).toMatchObject([{ target: { n: 42 } }, { target: { output: '42' } }]);
    expect(withCell(caseOf(base), { part: 'target', name: 'n' }, '')).toMatchObject({ target: { output: 'x' } });
    expect(withCell(caseOf(base), { part: 'metadata', name: '' }, '[1]')).toMatch(/JSON object/);
    expect(withCell(caseOf(base), { part: 'messages', name: '' }, 'Hello')).toMatchObject({
      messages: [{ role: 'user', content: 'Hello' }],
    });
    expect(withCell(caseOf(base), { part: 'tags', name: '' }, ' b, a ,,b')).toMatchObject({ tags: ['b', 'a'] });
  });

  it('say again what was typed into them', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, text) => {
        const changed = withCell(emptyCase, { part: 'inputs', name }, text);
        expect(typeof changed === 'string' ? null : cellText(changed, { part: 'inputs', name })).toBe(text);
      }),
    );
  });

  it('stand in columns of all that there is', () => {
    const names = columnsOf([caseOf(base), one('x')], [{ part: 'inputs', name: 'new' }]).map(({ part, name }) => `${part} ${name}`.trim());
    expect(names).toEqual(['inputs question', 'inputs new', 'target n', 'target output', 'split', 'tags']);
    expect(datapointOf(emptyCase)).toEqual({});
  });
});

describe('a block of cells', () => {
  it('comes back as it went', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', '\t', '\n', ' ', 'ä') });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        expect(readTsv(`${writeTsv(rows)}\n`)).toEqual(rows);
      }),
    );
  });

  it('is read as spreadsheets write it', () => {
    expect(readTsv('a\t"b ""x""\nc"\r\nd\t\r\n')).toEqual([
      ['a', 'b "x"\nc'],
      ['d', ''],
    ]);
    expect(readTsv('"quoted" speech\tx')).toEqual([['"quoted" speech', 'x']]);
  });
});

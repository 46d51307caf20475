import { describe, expect, it } from 'vitest';
import { cell, csvHeader, csvLine } from './csv.ts';

describe('exported lists', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('T26 keeps %j text in a spreadsheet', (text) => {
    expect(cell(text).replaceAll('"', '')).toMatch(/^'/);
  });

  it('quotes what would break a line', () => {
    expect(cell('a,b')).toBe('"a,b"');
    expect(cell('say "hi"')).toBe('"say ""hi"""');
    expect(cell('two\nlines')).toBe('"two\nlines"');
  });

  it('leaves numbers numbers and unknown empty', () => {
    expect([cell(-1.5), cell(0), cell(null), cell(undefined), cell(false)]).toEqual(['-1.5', '0', '', '', 'false']);
  });

  it('writes as many cells as the header has', () => {
    const line = csvLine({
      id: 'log_1',
      type: 'prompt',
      prompt: { path: 'a/b', version_id: 'prv_1' },
      evaluator_logs: [{ judgment: 'good', evaluator: { path: 'feedback/vote' } }],
    });
    expect(line).toContain('a/b');
    expect(line).toContain('feedback/vote');
    const commas = (text: string) => text.replaceAll(/"(?:[^"]|"")*"/g, '').split(',').length;
    expect(commas(line)).toBe(commas(csvHeader()));
  });
});

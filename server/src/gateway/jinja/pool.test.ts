import { afterAll, describe, expect, it } from 'vitest';
import { createJinjaPool } from './pool.ts';

const pool = createJinjaPool({ threads: 1 });
afterAll(() => pool.close());
const none = new Map<string, string>();
const endless = '{% for a in range(99999) %}{% for b in range(99999) %}{{ b }}{% endfor %}{% endfor %}';

describe('Jinja in a thread (T3)', () => {
  it('renders, and inserts values that look like templates as they are', async () => {
    expect(await pool.render('Hi {{ name }}', { name: '{{ 7 * 7 }}' }, none)).toEqual({ ok: true, value: 'Hi {{ 7 * 7 }}' });
  });

  it('ends a template that loops while the event loop stays free, and the next one renders', async () => {
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 5);
    const rendered = await pool.render(endless, {}, none);
    clearInterval(ticking);
    expect(rendered).toMatchObject({ ok: false, reason: 'invalid' });
    expect(turns).toBeGreaterThan(5);
    expect(await pool.render('{{ 1 + 1 }}', {}, none)).toEqual({ ok: true, value: '2' });
  });

  it('serves many that come at once, also behind one that is ended', async () => {
    const results = await Promise.all([
      pool.render(endless, {}, none),
      ...Array.from({ length: 20 }, (_, i) => pool.render('{{ i }}', { i }, none)),
    ]);
    expect(results[0]).toMatchObject({ ok: false });
    expect(results.slice(1)).toEqual(Array.from({ length: 20 }, (_, i) => ({ ok: true, value: String(i) })));
  });

  it.each([
    '{{ "".constructor.constructor("return process")() }}',
    '{{ self.__init__ }}',
    '{{ [].constructor }}',
    '{% include "/etc/passwd" %}',
  ])('reaches nothing: %s', async (template) => {
    const rendered = await pool.render(template, {}, none);
    if (rendered.ok) expect(rendered.value).not.toMatch(/process|root:|function/i);
  });

  it('a text that grows without end is refused', async () => {
    const rendered = await pool.render(
      '{% set ns = namespace(s="x") %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}',
      {},
      none,
    );
    expect(rendered.ok).toBe(false);
  });
});

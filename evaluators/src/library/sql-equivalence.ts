import { z } from 'zod';
import { defineEvaluator, notScored, passes, scored } from '../evaluator.ts';
import { targetKey } from '../options.ts';
import { withoutCodeBlock } from '../text/code-block.ts';
import { loadSqlParser } from '../text/sql.ts';

export const sqlEquivalence = defineEvaluator({
  name: 'sql_equivalence',
  title: 'SQL equivalence',
  group: 'structure',
  description: 'Can the query in the output be shown to mean the same as the target’s?',
  limits:
    'A pass says that both have one normal form, so that they give the same rows. A fail does not say that they differ: equivalence of SQL cannot be decided, and no query is run. PostgreSQL’s grammar without INTERSECT, EXCEPT, NATURAL JOIN and WINDOW.',
  cites: ['Yu et al. 2018, Spider: matching by parts, arXiv:1809.08887', 'pgsql-ast-parser, https://github.com/oguimbal/pgsql-ast-parser'],
  // The grammar's parser takes time by the square.
  maxChars: 4000,
  options: z.strictObject({
    target_key: targetKey,
    ignore_column_names: z.boolean().default(true).describe('Names that the query gives its columns (AS) do not matter.'),
    fences: z.boolean().default(true).describe('Take off a Markdown code block around the query.'),
  }),
  needs: () => ['output', 'reference'],
  returns: () => passes,
  prepare: async (options) => {
    const normalSql = await loadSqlParser();
    const bare = (text: string) => (options.fences ? withoutCodeBlock(text) : text).trim();
    const read = (text: string) => normalSql(text, { ignoreColumnNames: options.ignore_column_names });
    return (material) => {
      const output = bare(material.output);
      const references = material.references.map(bare);
      if (references.every((text) => text === '')) return notScored('The target is empty.');
      if (references.includes(output)) return scored(true, 'The same text.');
      const forms = references.map(read).filter((form) => form.ok);
      if (forms.length === 0) return notScored('The target cannot be read as PostgreSQL.');
      const form = read(output);
      if (!form.ok) return scored(false, `The output cannot be read as PostgreSQL${form.line === null ? '' : `: line ${form.line}`}.`);
      const same = forms.some((reference) => reference.form === form.form);
      return scored(same, same ? null : 'No rewriting that is known here leads from the one to the other.');
    };
  },
});

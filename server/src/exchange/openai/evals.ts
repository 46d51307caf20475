import type { Datapoint } from '@whetstone/contract';
import { whyNot } from '../humanloop/shapes.ts';
import { nameOfFile, segmentOf } from '../formats/arriving.ts';
import { type AnyRecord, isRecord, textOf, written } from '../formats/documents.ts';
import { dateOf, kernelOf, mapTexts, messagesOf, placeholderModel, translated } from '../formats/prompt-kernel.ts';
import { evaluatorOf, fieldsOf } from './graders.ts';
import type { Reading, Row } from './openai.ts';

interface Eval {
  where: string;
  record: AnyRecord;
}
interface Item {
  where: string;
  item: AnyRecord;
}

/** What belongs to an eval is found in any order and in many files; it is put together when all is read. */
export class Evals {
  readonly evals = new Map<string, Eval>();
  readonly runs = new Map<string, { where: string; record: AnyRecord; results: number }>();
  /** Cases by eval, each once: runs repeat them. */
  readonly items = new Map<string, Map<string, Item>>();
  /** Cases of a file that no run names. */
  readonly loose = new Map<string, Item[]>();

  item(evalId: string, where: string, item: AnyRecord): void {
    const known = this.items.get(evalId) ?? new Map<string, Item>();
    this.items.set(evalId, known);
    const key = JSON.stringify(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    if (!known.has(key)) known.set(key, { where, item });
  }

  arrive(reading: Reading): void {
    for (const evalId of this.#ids()) this.#arriveOne(evalId, reading);
    for (const [path, items] of this.loose) {
      if (this.#knownAlready(items)) continue;
      const dataset = reading.into.dataset(`evals/${nameOfFile(path)}`, path);
      for (const { where, item } of items) reading.into.datapoint(dataset, where, datapointOf(item, new Set(), null));
    }
  }

  #ids(): Set<string> {
    return new Set([...this.evals.keys(), ...this.items.keys(), ...[...this.runs.values()].map(({ record }) => String(record['eval_id']))]);
  }

  /** A file that was uploaded for an eval whose runs hold the same cases. */
  #knownAlready(items: readonly Item[]): boolean {
    const known = new Set([...this.items.values()].flatMap((all) => [...all.values()].map(({ item }) => JSON.stringify(item))));
    return items.every(({ item }) => known.has(JSON.stringify(item)));
  }

  #arriveOne(evalId: string, { into, report }: Reading): void {
    const known = this.evals.get(evalId);
    const base = `evals/${segmentOf(textOf(known?.record['name']) ?? evalId)}`;
    const where = known?.where ?? evalId;
    const runs = [...this.runs.values()].filter(({ record }) => record['eval_id'] === evalId);
    report.found('evaluations');
    report.found('runs', runs.length);
    const graders =
      known && Array.isArray(known.record['testing_criteria']) ? known.record['testing_criteria'].filter((each) => isRecord(each)) : [];
    const read = new Set(runs.flatMap(({ record }) => fieldsOf(JSON.stringify(sourceOf(record)['input_messages'] ?? null))));
    const compared = new Set(graders.flatMap((grader) => fieldsOf(JSON.stringify(grader))).filter((field) => !read.has(field)));
    // Where no run says what a prompt reads, everything may be input.
    const targets = read.size > 0 ? compared : new Set<string>();
    const items = [...(this.items.get(evalId)?.values() ?? [])];
    if (known || items.length > 0) {
      const dataset = into.dataset(`${base}/cases`, where, {
        description: `Cases of the eval ${evalId}`,
        ...(known ? { attributes: { openai_eval: { id: evalId, data_source_config: known.record['data_source_config'] ?? null } } } : {}),
      });
      const reference = runs
        .map(({ record }) => textOf((sourceOf(record)['input_messages'] as AnyRecord | undefined)?.['item_reference']))
        .find(Boolean);
      for (const each of items) into.datapoint(dataset, each.where, datapointOf(each.item, targets, reference ?? null));
      if (items.length === 0) report.problem(where, 'cases', 'No run and no file of the export has cases of this eval.');
    }
    for (const grader of graders) {
      const made = evaluatorOf(grader, targets);
      if (typeof made === 'string') report.problem(where, `grader ${written(grader['name'])}`, made);
      else into.evaluator(`${base}/${segmentOf(textOf(grader['name']) ?? String(grader['type']))}`, where, made);
    }
    for (const run of runs) this.#arriveRun(base, run, { into, report });
  }

  /** The template of a run and its parameters are a version of the eval's prompt. */
  #arriveRun(
    base: string,
    { where, record, results }: { where: string; record: AnyRecord; results: number },
    { into, report }: Pick<Reading, 'into' | 'report'>,
  ): void {
    if (results > 0)
      report.problem(where, `${results.toLocaleString('en')} results`, 'Results of earlier runs are not carried; their cases are.');
    const source = sourceOf(record);
    const asked = isRecord(source['input_messages']) ? source['input_messages'] : null;
    if (asked === null) return;
    const template = messagesOf(asked['template']);
    if (asked['type'] === 'template' && template === null) {
      report.problem(where, 'prompt', 'Its template has messages that a prompt cannot have, such as sound.');
      return;
    }
    const model = textOf(source['model']) ?? textOf(record['model']);
    if (model === null) report.problem(where, 'model', `It names no model; ${placeholderModel} stands in its place.`);
    const named = template === null ? null : mapTexts(template, (text) => text.replace(/\{\{\s*item\.([\w.[\]]+)\s*\}\}/g, '{{$1}}'));
    try {
      into.prompt(`${base}/prompt`, {
        where,
        content: kernelOf(model, 'openai', translated(named), isRecord(source['sampling_params']) ? source['sampling_params'] : {}),
        name: textOf(record['name']),
        description: `OpenAI ${String(record['id'])}`,
        at: dateOf(record['created_at']),
        deployTo: [null],
      });
    } catch (error) {
      report.problem(where, 'prompt', whyNot(error));
    }
  }
}

function sourceOf(run: AnyRecord): AnyRecord {
  return isRecord(run['data_source']) ? run['data_source'] : {};
}

/** Fields that only graders read are what should come out; where a run takes messages from the case, they are messages. */
function datapointOf(item: AnyRecord, targets: ReadonlySet<string>, reference: string | null): Datapoint {
  const field = reference?.replace(/^item\./, '') ?? 'messages';
  const messages = messagesOf(item[field]);
  const inputs: Record<string, string> = {};
  const target: AnyRecord = {};
  for (const [name, value] of Object.entries(item)) {
    if (value === null || (messages !== null && name === field)) continue;
    if (targets.has(name)) target[name] = value;
    else inputs[name] = written(value);
  }
  return {
    ...(Object.keys(inputs).length > 0 ? { inputs } : {}),
    ...(messages === null ? {} : { messages }),
    ...(Object.keys(target).length > 0 ? { target: target as NonNullable<Datapoint['target']> } : {}),
  };
}

const readEval: Row['read'] = (record, where, { evals }) => {
  evals.evals.set(String(record['id']), { where, record });
};

const readRun: Row['read'] = (record, where, { evals }) => {
  const id = String(record['id']);
  const results = evals.runs.get(id)?.results ?? 0;
  evals.runs.set(id, { where, record, results });
  const source = sourceOf(record)['source'];
  const content = isRecord(source) && Array.isArray(source['content']) ? source['content'] : [];
  for (const [index, row] of content.entries()) {
    if (isRecord(row) && isRecord(row['item'])) evals.item(String(record['eval_id']), `${where}#${index + 1}`, row['item']);
  }
};

const readOutputItem: Row['read'] = (record, where, reading) => {
  const { evals } = reading;
  if (isRecord(record['datasource_item'])) evals.item(String(record['eval_id']), where, record['datasource_item']);
  const runId = String(record['run_id']);
  const run = evals.runs.get(runId);
  if (run) run.results += 1;
  else evals.runs.set(runId, { where, record: { id: runId, eval_id: record['eval_id'] }, results: 1 });
};

export const evalRows: readonly Row[] = [
  { recognises: ({ object, id }) => object === 'eval' && typeof id === 'string', read: readEval },
  {
    recognises: ({ object, id, eval_id }) => object === 'eval.run' && typeof id === 'string' && typeof eval_id === 'string',
    read: readRun,
  },
  { recognises: ({ object }) => object === 'eval.run.output_item', read: readOutputItem },
  {
    // What the usual export script writes: an eval, its cases, and its runs with their output items.
    recognises: ({ eval: each, runs, rows }) => isRecord(each) && (Array.isArray(runs) || Array.isArray(rows)),
    read: (record, where, reading) => {
      const own = record['eval'] as AnyRecord;
      readEval(own, where, reading);
      const runs = Array.isArray(record['runs']) ? record['runs'].filter((each) => isRecord(each)) : [];
      for (const [index, entry] of runs.entries()) {
        const run = isRecord(entry['run']) ? entry['run'] : entry;
        readRun({ eval_id: own['id'], ...run }, `${where} run ${index + 1}`, reading);
        const items = Array.isArray(entry['output_items']) ? entry['output_items'].filter((each) => isRecord(each)) : [];
        for (const item of items) readOutputItem({ eval_id: own['id'], run_id: run['id'], ...item }, `${where} run ${index + 1}`, reading);
      }
      const rows = Array.isArray(record['rows']) ? record['rows'].filter((each) => isRecord(each)) : [];
      for (const [index, row] of rows.entries()) reading.evals.item(String(own['id']), `${where} row ${index + 1}`, row);
    },
  },
  {
    // A line of a file that was uploaded for evals.
    recognises: ({ item }) => isRecord(item),
    read: (record, where, { evals }) => {
      const path = where.replace(/[:#]\d+$/, '');
      const items = evals.loose.get(path) ?? [];
      evals.loose.set(path, items);
      items.push({ where, item: record['item'] as AnyRecord });
    },
  },
];

import type { AnyObject, FileKind, Kernels } from '@whetstone/contract';
import { diffArrays } from 'diff';
import { getOwn, sameJson, stableJson } from './text.ts';
import { canonicalKernel, kernelDefaults } from './version-hash.ts';

/** What changed between two versions, field by field. */

export interface KernelChange {
  /** `temperature`, `template[0].content`, `tools.get_weather.parameters.city`. Indexes are of the later version, for what was removed of the earlier one. */
  path: string;
  kind: 'added' | 'removed' | 'changed';
  before: unknown;
  after: unknown;
}

type AnyKernel = Kernels[FileKind];

/** Differences of content: nulls and documented defaults are no change, and a default that was left shows its value. */
export function diffKernels(before: AnyKernel, after: AnyKernel): KernelChange[] {
  const kind = kindOf(before, after);
  const [a, b] = [canonicalKernel(kind, before), canonicalKernel(kind, after)];
  const changes: KernelChange[] = [];
  for (const field of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const fallback = kernelDefaults[kind][field];
    diffField(field, getOwn(a, field) ?? fallback, getOwn(b, field) ?? fallback, changes);
  }
  return changes;
}

/** The kind whose fields the two kernels have; prompts and agents differ only in fields that one of them has. */
function kindOf(before: AnyKernel, after: AnyKernel): FileKind {
  const has = (field: string) => getOwn(before, field) != null || getOwn(after, field) != null;
  if (has('spec')) return 'evaluator';
  if (has('model')) return has('max_iterations') ? 'agent' : 'prompt';
  if (has('datapoints_digest')) return 'dataset';
  return ['function', 'source_code', 'setup_values', 'tool_type'].some(has) ? 'tool' : 'flow';
}

function diffField(path: string, before: unknown, after: unknown, changes: KernelChange[]): void {
  if (sameValue(before, after)) return;
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (name === 'template') diffList(path, listOf(before), listOf(after), before, after, changes);
  else if (name === 'tools' || name === 'options') diffNamed(path, listOf(before) ?? [], listOf(after) ?? [], changes);
  else if (name === 'linked_tools') diffList(path, listOf(before) ?? [], listOf(after) ?? [], before, after, changes);
  else diffValue(path, before, after, changes);
}

function diffValue(path: string, before: unknown, after: unknown, changes: KernelChange[]): void {
  if (sameValue(before, after)) return;
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const inner = /^[\w$-]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
      // A judge's prompt has messages and tools of its own.
      if (path === 'spec' || path === 'spec.prompt') diffField(inner, getOwn(before, key), getOwn(after, key), changes);
      else diffValue(inner, getOwn(before, key), getOwn(after, key), changes);
    }
  } else if (
    Array.isArray(before) &&
    Array.isArray(after) &&
    before.length === after.length &&
    before.every(isObject) &&
    after.every(isObject)
  ) {
    before.forEach((item, i) => diffValue(`${path}[${i}]`, item, after[i], changes));
  } else changes.push(changeOf(path, before, after));
}

/** Messages and the like: what moved up or down because of others is no change, and an edited one is compared inside. */
function diffList(
  path: string,
  before: readonly unknown[] | null,
  after: readonly unknown[] | null,
  wholeBefore: unknown,
  wholeAfter: unknown,
  changes: KernelChange[],
): void {
  if (before === null || after === null) {
    changes.push(changeOf(path, wholeBefore, wholeAfter));
    return;
  }
  const removed: { item: unknown; at: number }[] = [];
  const added: { item: unknown; at: number }[] = [];
  const flush = () => {
    for (const { item, at } of added.splice(0)) {
      const old = removed.findIndex(
        (candidate) => isObject(item) && isObject(candidate.item) && getOwn(item, 'role') === getOwn(candidate.item, 'role'),
      );
      const [pair] = old < 0 ? [] : removed.splice(old, 1);
      if (pair === undefined) changes.push(changeOf(`${path}[${at}]`, undefined, item));
      else diffValue(`${path}[${at}]`, pair.item, item, changes);
    }
    for (const { item, at } of removed.splice(0)) changes.push(changeOf(`${path}[${at}]`, item, undefined));
  };
  let [from, to] = [0, 0];
  for (const part of diffArrays(
    before.map((item) => stableJson(item)),
    after.map((item) => stableJson(item)),
  )) {
    if (part.removed) for (let i = 0; i < part.count; i++, from++) removed.push({ item: before[from], at: from });
    else if (part.added) for (let i = 0; i < part.count; i++, to++) added.push({ item: after[to], at: to });
    else {
      flush();
      from += part.count;
      to += part.count;
    }
  }
  flush();
}

/** Tools and options are known by name, so that their order alone is one change and not many. */
function diffNamed(path: string, before: readonly unknown[], after: readonly unknown[], changes: KernelChange[]): void {
  const [a, b] = [byName(before), byName(after)];
  for (const [name, item] of a) {
    const inner = `${path}.${name}`;
    if (b.has(name)) diffValue(inner, item, b.get(name), changes);
    else changes.push(changeOf(inner, item, undefined));
  }
  for (const [name, item] of b) if (!a.has(name)) changes.push(changeOf(`${path}.${name}`, undefined, item));
  const common = (names: ReadonlyMap<string, unknown>, others: ReadonlyMap<string, unknown>) =>
    [...names.keys()].filter((name) => others.has(name));
  if (!sameJson(common(a, b), common(b, a))) changes.push({ path, kind: 'changed', before: [...a.keys()], after: [...b.keys()] });
}

function byName(items: readonly unknown[]): Map<string, unknown> {
  const named = new Map<string, unknown>();
  for (const [i, item] of items.entries()) {
    const schema = getOwn(item, 'json_schema') ?? item;
    const name = getOwn(schema, 'name') ?? getOwn(getOwn(item, 'link'), 'file_id');
    const key = typeof name === 'string' ? name : `[${i}]`;
    named.set(named.has(key) ? `${key}[${i}]` : key, item);
  }
  return named;
}

function changeOf(path: string, before: unknown, after: unknown): KernelChange {
  const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  return { path, kind, before: before ?? null, after: after ?? null };
}

function listOf(value: unknown): unknown[] | null {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : null;
}

function sameValue(before: unknown, after: unknown): boolean {
  return before === undefined || after === undefined ? before === after : sameJson(before, after);
}

function isObject(value: unknown): value is AnyObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { createHash } from 'node:crypto';
import type { PromptKernel, Scope } from '@whetstone/contract';
import { scanTemplate, templateTexts } from '@whetstone/domain';
import type { Snapshot, StoredDatapoint } from '../../files/index.ts';

/**
 * Names what an output follows from; equal names may share one. Null where it also follows from what may have changed since:
 * a template that calls snippets or tools.
 */
export function contentKey({ workspaceId }: Scope, version: Snapshot, datapoint: StoredDatapoint, repetition: number): string | null {
  if (version.kind !== 'tool' && callsSomething(version.version.kernel as PromptKernel)) return null;
  const inputs = Object.entries(datapoint.inputs ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const content = [workspaceId, version.kind, version.version.contentHash, inputs, datapoint.messages ?? [], repetition];
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url');
}

function callsSomething({ template, template_language: language }: PromptKernel): boolean {
  return templateTexts(template).some((text) =>
    language === 'jinja' ? /\{[{%][^}]*\w\s*\(/.test(text) : scanTemplate(text).some(({ type }) => type === 'call'),
  );
}

import { type Carrying, refusalOf } from './carrying.ts';
import { monitorShape, whyNot } from './shapes.ts';
import type { ExportedFile } from './survey.ts';

/** Evaluators attached to files; a version of the vendor's repeats those of its file. */
export async function carryMonitors(carrying: Carrying, files: readonly ExportedFile[]): Promise<void> {
  for (const file of files) {
    const seen = new Set<string>();
    for (const { where, record } of file.monitors) await carryMonitor(carrying, file, where, record, seen);
  }
}

async function carryMonitor(carrying: Carrying, file: ExportedFile, where: string, record: unknown, seen: Set<string>): Promise<void> {
  const { report, places, versions, monitors, scope, authors, now } = carrying;
  const parsed = monitorShape.safeParse(record);
  if (!parsed.success) {
    report.found('monitors');
    report.problem(where, 'monitor', whyNot(parsed.error));
    return;
  }
  const { version_reference: to, state, created_at, created_by, updated_at } = parsed.data;
  const by = to.type === 'version' ? to.version.version_id : `${to.file.id} ${to.environment.name}`;
  const watched = parsed.data.environment?.name ?? null;
  const name = JSON.stringify([by, watched, parsed.data.filter ?? null]);
  if (seen.has(name)) return;
  seen.add(name);
  report.found('monitors');
  const fileId = carrying.fileIds.get(file.id);
  if (fileId === undefined) {
    report.problem(where, 'monitor', 'Its file could not be carried.');
    return;
  }
  const version = to.type === 'version' ? versions.get(to.version.version_id) : undefined;
  try {
    const taken = await monitors.carry.takeMonitor(scope, {
      id: parsed.data.id ?? null,
      fileId,
      evaluatorId: to.type === 'version' ? (version?.fileId ?? to.version.id) : (carrying.fileIds.get(to.file.id) ?? to.file.id),
      evaluatorVersionId: to.type === 'version' ? (version?.versionId ?? to.version.version_id) : null,
      environmentId: to.type === 'environment' ? await places.idOf(to.environment.name) : null,
      watchedEnvironmentId: watched === null ? null : await places.idOf(watched),
      filter: parsed.data.filter ?? null,
      rate: parsed.data.rate ?? 1,
      budgetUsd: parsed.data.budget_usd ?? null,
      state: state ?? 'active',
      createdAt: created_at ?? now,
      createdBy: (await authors.idOf(created_by)) ?? scope.actor.id,
      updatedAt: updated_at ?? created_at ?? now,
    });
    if ('why' in taken) return report.problem(where, 'monitor', taken.why);
    report.carried('monitors');
    if (parsed.data.id) carrying.monitorIds.set(parsed.data.id, taken.id);
  } catch (error) {
    report.problem(where, 'monitor', refusalOf(error));
  }
}

import type { AnyObject } from '@whetstone/contract';
import { WhetstoneError } from '../../client/errors.ts';
import { sameContent } from '../canonical.ts';
import { FormatError } from '../formats/index.ts';
import { hasMarkers } from '../merge.ts';
import type { Options } from '../options.ts';
import { type Output, Report } from '../report.ts';
import { digest, writeState } from '../state.ts';
import { type Entry, type Survey, survey } from '../survey.ts';
import type { RemoteFile } from '../workspace.ts';

/** Saves what changed here as new versions. What changed in the workspace meanwhile is not passed over: pull first. */
export async function push(options: Options, output: Output): Promise<number> {
  // With an environment, what is newest decides what to save, and the environment only where it is deployed.
  const found = await survey({ ...options, environment: null });
  const report = new Report(output);
  // Tools and snippets before what names them, and the rest by name.
  for (const entry of ordered(found.entries)) {
    try {
      await pushOne(found, entry, options, report);
    } catch (error) {
      if (!(error instanceof WhetstoneError) || error.status === 401 || error.status === 0) throw error;
      report.line('!', 'trouble', entry.name, 'refused', error.message);
    }
  }
  if (!options.dryRun) writeState(found.folder.root, found.state);
  report.sum('Nothing to push.');
  if (options.dryRun) report.say('A dry run: nothing was changed.');
  return report.trouble > 0 ? 1 : 0;
}

const first = ['tool', 'evaluator'];

function ordered(entries: readonly Entry[]): Entry[] {
  return [...entries.filter(({ format }) => first.includes(format.kind)), ...entries.filter(({ format }) => !first.includes(format.kind))];
}

async function pushOne(found: Survey, entry: Entry, options: Options, report: Report): Promise<void> {
  const { name, here, there, remote } = entry;
  if (here === 'deleted') return pushDeletion(found, entry, options, report);
  if (entry.text === null) return;
  if (here === 'none') {
    // Nothing to save, but what is here may not be deployed where it should be.
    if (there === 'none' && remote !== null) await deployed(found, entry, remote, options, report, false);
    return;
  }
  const content = readContent(entry, report);
  if (content === null) return;
  if (remote !== null && there !== 'none' && !options.force && !(await isSame(found, entry, remote, content)))
    return report.line('!', 'trouble', name, 'behind', 'it changed in the workspace too; pull first, or push --force');
  if (options.dryRun) return report.line('>', 'good', name, here === 'new' && remote === null ? 'would be new' : 'would be saved');
  const saved = await found.workspace.save(entry.format.kind, entry.path, content, remote === null ? null : (entry.base?.version ?? null));
  found.state.set(name, { id: saved.id, version: saved.version, text: digest(entry.text) });
  const known = saved.version === remote?.version;
  if (known) report.line('=', 'quiet', name, 'already there');
  else report.line('>', 'good', name, remote === null ? 'new' : 'saved', `as version ${saved.version}`);
  await deployed(found, entry, saved, options, report, !known);
}

async function isSame(found: Survey, { format }: Entry, remote: RemoteFile, content: AnyObject): Promise<boolean> {
  const theirs = await found.workspace.text(remote.kind, remote.id, remote.version);
  return theirs !== null && sameContent(format, format.parse(theirs), content);
}

function readContent({ name, format, text }: Entry, report: Report): AnyObject | null {
  if (hasMarkers(text ?? '')) {
    report.line('!', 'trouble', name, 'not pushed', 'a conflict is marked in it; solve it first');
    return null;
  }
  try {
    return format.parse(text ?? '');
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    report.line(
      '!',
      'trouble',
      name,
      'not pushed',
      `line ${error.line}${error.column === null ? '' : `, column ${error.column}`}: ${error.message}`,
    );
    return null;
  }
}

async function deployed(found: Survey, entry: Entry, version: RemoteFile, options: Options, report: Report, isNew: boolean): Promise<void> {
  if (options.environment === null || options.dryRun) return;
  await found.workspace.deploy(version, options.environment);
  if (isNew) report.line('^', 'good', entry.name, 'deployed', `to ${options.environment}`);
}

async function pushDeletion(
  { workspace, state }: Survey,
  { name, there, remote, format }: Entry,
  options: Options,
  report: Report,
): Promise<void> {
  if (remote === null) {
    if (!options.dryRun) state.delete(name);
    return;
  }
  if (!options.remove)
    return report.line('-', 'quiet', name, 'kept', 'deleted here; push --delete deletes it in the workspace, with its versions and logs');
  if (there === 'modified' && !options.force)
    return report.line('!', 'trouble', name, 'behind', 'deleted here, but changed in the workspace; push --delete --force deletes it');
  if (!options.dryRun) {
    await workspace.delete(format.kind, remote.id);
    state.delete(name);
  }
  report.line('-', 'change', name, options.dryRun ? 'would be deleted' : 'deleted', 'with its versions and logs');
}

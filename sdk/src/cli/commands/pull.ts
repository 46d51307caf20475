import { canonical } from '../canonical.ts';
import { mergeTexts } from '../merge.ts';
import type { Options } from '../options.ts';
import { type Output, Report } from '../report.ts';
import { digest, writeState } from '../state.ts';
import { type Entry, type Survey, survey } from '../survey.ts';

/** Brings what changed in the workspace into the directory. Edits made here stay: they are merged, or the conflict is marked. */
export async function pull(options: Options, output: Output): Promise<number> {
  const found = await survey(options);
  const report = new Report(output);
  for (const entry of found.entries) await pullOne(found, entry, options, report);
  if (!options.dryRun) writeState(found.folder.root, found.state);
  report.sum('Everything is up to date.');
  if (options.dryRun) report.say('A dry run: nothing was changed.');
  if (report.trouble > 0) report.say('Solve the conflicts between the lines `<<<<<<<` and `>>>>>>>`, then push.');
  return report.trouble > 0 ? 1 : 0;
}

async function pullOne(found: Survey, entry: Entry, options: Options, report: Report): Promise<void> {
  const { name, here, there, remote } = entry;
  if (there === 'none') {
    if (here === 'deleted' && remote !== null)
      report.line('-', 'quiet', name, 'deleted here', 'push --delete deletes it in the workspace too');
    return;
  }
  if (there === 'deleted') return pullDeletion(found, entry, options, report);
  if (remote === null) return;
  const text = await found.workspace.text(remote.kind, remote.id, remote.version);
  if (text === null) return report.line('!', 'trouble', name, 'failed', 'its version disappeared meanwhile; pull again');
  if (here === 'none') {
    keep(found, entry, options, text, text);
    return report.line(there === 'new' ? '+' : '~', 'good', name, there === 'new' ? 'new' : 'updated');
  }
  if (here === 'deleted')
    return report.line('!', 'trouble', name, 'conflict', 'deleted here, changed in the workspace; `push --delete` or restore the file');
  return mergeOne(found, entry, options, report, text);
}

async function mergeOne(found: Survey, entry: Entry, options: Options, report: Report, theirs: string): Promise<void> {
  const { name, base, remote, format } = entry;
  const mine = entry.text as string;
  if (mine === theirs || canonical(format, mine) === canonical(format, theirs)) {
    keep(found, entry, options, null, mine);
    return report.line('=', 'quiet', name, 'same on both sides');
  }
  const known = base !== null && base.id === remote?.id ? await found.workspace.text(format.kind, base.id, base.version) : null;
  let merged = mergeTexts(mine, known ?? '', theirs);
  if (merged.conflicts > 0 && known !== null) {
    // A file laid out by hand differs from the printed text in many lines that mean the same.
    const again = mergeTexts(canonical(format, mine) ?? mine, canonical(format, known) ?? known, canonical(format, theirs) ?? theirs);
    if (again.conflicts === 0) merged = again;
  }
  const readable = merged.conflicts === 0 && canonical(format, merged.text) !== null;
  if (merged.conflicts === 0 && !readable) merged = { text: bothWhole(mine, theirs), conflicts: 1 };
  // What was agreed on is now their version; what was changed here stays a change to it.
  keep(found, entry, options, merged.text, theirs);
  if (readable) report.line('M', 'good', name, 'merged', 'your edits and theirs');
  else report.line('!', 'trouble', name, 'conflict', `${merged.conflicts} place${merged.conflicts === 1 ? '' : 's'} marked in the file`);
}

/** Lines that merge but give a file that cannot be read are no merge. */
function bothWhole(mine: string, theirs: string): string {
  return `<<<<<<< here\n${mine.replace(/\n$/, '')}\n=======\n${theirs.replace(/\n$/, '')}\n>>>>>>> in the workspace\n`;
}

function pullDeletion({ folder, state }: Survey, { name, here }: Entry, options: Options, report: Report): void {
  if (here === 'modified')
    return report.line(
      '!',
      'trouble',
      name,
      'conflict',
      'deleted in the workspace, changed here; delete the file, or push to make it anew',
    );
  if (!options.dryRun) {
    folder.remove(name);
    state.delete(name);
  }
  if (here === 'none') report.line('-', 'change', name, 'deleted');
}

/** @param write the text to write, null to leave the file; @param agreed the text that stands for their version */
function keep({ folder, state }: Survey, { name, remote }: Entry, options: Options, write: string | null, agreed: string): void {
  if (options.dryRun || remote === null) return;
  if (write !== null) folder.write(name, write);
  state.set(name, { id: remote.id, version: remote.version, text: digest(agreed) });
}

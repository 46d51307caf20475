import type { Comparison } from '../compare.ts';
import type { Options } from '../options.ts';
import { type Output, Report, type Tone } from '../report.ts';
import { survey } from '../survey.ts';

interface Meaning {
  mark: string;
  tone: Tone;
  word: string;
}

/** What differs and on which side, and what to do about it. */
export async function status(options: Options, output: Output): Promise<number> {
  const { entries } = await survey(options);
  const report = new Report(output);
  let different = false;
  const advice = new Set<string>();
  for (const entry of entries) {
    const meaning = meaningOf(entry);
    if (meaning === null) continue;
    different = true;
    report.line(meaning.mark, meaning.tone, entry.name, meaning.word);
    if (entry.there !== 'none') advice.add('`whetstone pull` takes what changed in the workspace.');
    else advice.add('`whetstone push` saves what changed here as new versions.');
  }
  report.sum(
    entries.length === 0
      ? 'Nothing here and nothing in the workspace.'
      : `Nothing to pull or push: ${entries.length} files are the same on both sides.`,
  );
  for (const sentence of advice) report.say(sentence);
  return different && options.check ? 1 : 0;
}

export function meaningOf({ here, there }: Comparison): Meaning | null {
  if (here === 'none' && there === 'none') return null;
  if (here === 'deleted' && there === 'deleted') return { mark: ' ', tone: 'quiet', word: 'deleted on both sides' };
  if (here === 'none') {
    if (there === 'deleted') return { mark: '-', tone: 'change', word: 'deleted in the workspace' };
    return { mark: '<', tone: 'change', word: `${there} in the workspace` };
  }
  if (there === 'none') {
    if (here === 'deleted') return { mark: '-', tone: 'good', word: 'deleted here' };
    return { mark: '>', tone: 'good', word: `${here} here` };
  }
  return { mark: '!', tone: 'trouble', word: here === there ? `${here} on both sides` : `${here} here, ${there} in the workspace` };
}

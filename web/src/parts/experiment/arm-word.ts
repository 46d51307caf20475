const marks: Record<string, string> = {
  '~no_unit': 'none: no user',
  '~off': 'none: another version',
  '~forced': 'by hand',
  '~hold_out': 'held out',
};

/** An arm's id, or why a log belongs to none, as the lists of logs show it. */
export function armWord(armId: string): string {
  return marks[armId] ?? armId;
}

/** Questions about feedback that people ask often, in the language of filters. */
export const readyFilters = [
  { label: 'Voted bad', filter: 'judged:feedback/vote=bad' },
  { label: 'Edited by more than 30 %', filter: 'judged:feedback/correction>0.3' },
  { label: 'Voted bad but accepted', filter: 'judged:feedback/vote=bad judged:feedback/action=accepted' },
  { label: 'Corrected', filter: 'judged:feedback/correction' },
  { label: 'Regenerated', filter: 'judged:feedback/action=regenerated' },
] as const;

/** Questions about feedback that people ask often, in the language of filters. */
export const readyFilters = [
  { label: 'Voted bad', filter: 'feedback:vote=bad' },
  { label: 'Edited by more than 30 %', filter: 'edited>30%' },
  { label: 'Voted bad but accepted', filter: 'feedback:vote=bad feedback:action=accepted' },
  { label: 'Corrected', filter: 'feedback:correction' },
  { label: 'Regenerated', filter: 'feedback:action=regenerated' },
] as const;

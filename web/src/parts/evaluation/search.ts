/** What the address of a report holds: the same page for whoever gets the link. */
export interface EvaluationSearch {
  baseline?: string | undefined;
  evaluator?: string | undefined;
  run?: string | undefined;
  filter?: string | undefined;
  q?: string | undefined;
  slice?: string | undefined;
  by?: string | undefined;
  sort?: string | undefined;
  case?: string | undefined;
}

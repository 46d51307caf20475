/** What it takes to send an operation, without the schemas that validate it. */
export interface Route {
  method: string;
  path: string;
  /** Names of the fields that go into the query. */
  query: string[];
  /** Names of body fields that the query or the path has too: they are sent in both. */
  both: string[];
  /** `fields`: what is neither in path nor query. `whole`: the field `body`. */
  body: 'none' | 'fields' | 'whole';
}

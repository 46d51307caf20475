import type { Dialect } from './dialect.ts';

/** Any other span: a request, a query, a function. It is part of the trace, with all that it says as metadata. */
export const plainDialect: Dialect = {
  name: 'plain',
  recognises: () => true,
  read: () => ({ kind: 'flow', log: {} }),
};

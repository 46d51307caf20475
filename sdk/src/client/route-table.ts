import type { Endpoint } from '@whetstone/contract';
import type { Route } from './route.ts';

/** The routes of an endpoint table. */
export function routesOf<Name extends string>(endpoints: Record<Name, Endpoint>): Record<Name, Route> {
  const entries = Object.entries<Endpoint>(endpoints).map(([name, { method, path, query, body }]) => {
    const queryNames = shapeOf(query) ?? [];
    const bodyNames = shapeOf(body);
    const params = [...path.matchAll(/\{(\w+)\}/g)].map(([, param = '']) => param);
    const route: Route = {
      method,
      path,
      query: queryNames,
      both: [...queryNames, ...params].filter((key) => bodyNames?.includes(key) === true),
      body: body === undefined ? 'none' : bodyNames === null ? 'whole' : 'fields',
    };
    return [name, route];
  });
  return Object.fromEntries(entries) as Record<Name, Route>;
}

/** Names of the fields of an object schema; null for any other schema. */
function shapeOf(schema: Endpoint['body']): string[] | null {
  return schema !== undefined && 'shape' in schema && typeof schema.shape === 'object' && schema.shape !== null
    ? Object.keys(schema.shape)
    : null;
}

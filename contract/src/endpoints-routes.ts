import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { limit, limitRequest, limitSubjects, route, routeName, routeRequest } from './routes.ts';

const records = <T extends z.ZodType>(record: T) => z.object({ records: z.array(record) });

export const routeEndpoints = {
  'routes.list': endpoint({
    method: 'GET',
    path: '/routes',
    permission: 'read',
    tag: 'routes',
    summary: 'List the routes: names that calls and prompts use for an order of models',
    output: records(route),
  }),
  'routes.set': endpoint({
    method: 'PUT',
    path: '/routes/{name}',
    permission: 'admin',
    tag: 'routes',
    summary: 'Make a route, or replace what it consists of',
    params: z.object({ name: routeName }),
    body: routeRequest,
    output: route,
  }),
  'routes.delete': endpoint({
    method: 'DELETE',
    path: '/routes/{name}',
    permission: 'admin',
    tag: 'routes',
    summary: 'Delete a route; calls that name it are then resolved as the name of a model',
    params: z.object({ name: z.string() }),
    output: null,
  }),
  'limits.list': endpoint({
    method: 'GET',
    path: '/limits',
    permission: 'admin',
    tag: 'limits',
    summary: 'List rate limits and budgets with what is used of them',
    output: records(limit),
  }),
  'limits.set': endpoint({
    method: 'PUT',
    path: '/limits',
    permission: 'admin',
    tag: 'limits',
    summary: 'Limit an API key, an end user or every end user',
    body: limitRequest,
    output: limit,
  }),
  'limits.delete': endpoint({
    method: 'DELETE',
    path: '/limits',
    permission: 'admin',
    tag: 'limits',
    summary: 'Lift a limit',
    query: z.object({ subject: z.enum(limitSubjects), id: z.string().min(1) }),
    output: null,
  }),
  'cache.clear': endpoint({
    method: 'DELETE',
    path: '/cache',
    permission: 'admin',
    tag: 'routes',
    summary: 'Forget every cached answer of the workspace',
    output: null,
  }),
} as const;

import { endpoints } from '@whetstone/contract';
import type { Route } from './route.ts';
import { routesOf } from './route-table.ts';

/** Every operation by name. The package has this table written out, without the schemas (build/pack.ts). */
export const routes: Record<string, Route> = routesOf(endpoints);

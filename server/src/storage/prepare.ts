/** Run when a checkout is prepared, so that the first start need not wait for `initdb`. */
import { clusterTemplate } from './engines/control-database.ts';

await clusterTemplate();

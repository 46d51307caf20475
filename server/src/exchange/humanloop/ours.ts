import { AppError, endpoints, keyRoles, memberRoles, routeName, routeRequest } from '@whetstone/contract';
import { z } from 'zod';
import type { Archive } from '../archive.ts';
import { formatOfExport } from '../export/settings.ts';
import type { Report } from '../report.ts';
import { experimentShape } from './experiment-shapes.ts';
import { alertShape, backfillShape, gateShape, reviewShape, ruleShape } from './ours-shapes.ts';
import { moment, personShape, whyNot } from './shapes.ts';
import { read } from './survey.ts';

/** What an export of Whetstone has beside the vendor's layout, in `whetstone/`. What can be set is as it is sent to be set. */

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const environment = z.object({
  id: z.string().min(1).max(200),
  name: z.string().min(1).max(100),
  tag: z.enum(['default', 'other']),
  protected: z.boolean(),
  created_at: moment,
  deleted_at: moment.nullable(),
});
const directory = z.object({
  id: z.string().min(1).max(200),
  path: z.string().min(1),
  description: text,
  readme: text,
  tags: z.array(z.string()),
  created_at: moment,
  updated_at: moment,
});
const named = { name: z.string().min(1).max(500) };
const reenter = z.object({
  members: z.array(z.object({ ...named, full_name: text, role: z.enum(memberRoles) })),
  credentials: z.array(z.object({ ...named, provider: z.string(), base_url: text, settings: z.record(z.string(), z.string()) })),
  keys: z.array(z.object({ ...named, role: z.enum(keyRoles), environment: text })),
  variables: z.array(z.object({ ...named, path: z.string(), variable: z.string() })),
  webhooks: z.array(z.object({ ...named, format: z.enum(['json', 'slack']), events: z.array(z.string()), alert: z.string().optional() })),
});
/** Lists by file, each with the shape of an element: a damaged one costs no other. */
const lists = {
  environments: environment,
  directories: directory,
  routes: z.object({ name: routeName, ...routeRequest.shape }),
  limits: endpoints['limits.set'].body,
  prices: endpoints['prices.set'].body,
  'otel-rules': endpoints['otel.set_rules'].body.shape.rules.element,
  webhooks: endpoints['webhooks.create'].body,
  alerts: alertShape,
  backfills: backfillShape,
  gates: gateShape,
  reviews: reviewShape,
  'dataset-rules': ruleShape,
  experiments: experimentShape,
};
/** Not in exports of before there were such. */
const later = new Set(['alerts', 'backfills', 'gates', 'reviews', 'dataset-rules', 'experiments']);
const objects = { settings: endpoints['workspace.update'].body, reenter };

/** Null stands for a file that is missing or damaged, which is told. */
export type Ours = { [Name in keyof typeof lists]: z.output<(typeof lists)[Name]>[] | null } & {
  [Name in keyof typeof objects]: z.output<(typeof objects)[Name]> | null;
};

export const historyShape = z.array(
  z.object({
    environment_id: z.string(),
    version_id: z.string().nullable(),
    previous_version_id: z.string().nullable(),
    action: z.enum(['first', 'deploy', 'roll_back', 'remove']),
    message: text,
    created_at: moment,
    created_by: personShape,
  }),
);

/** Null for an export that is not of Whetstone. @throws AppError 422 for one of a newer version */
export async function readOurs(archive: Archive, report: Report): Promise<Ours | null> {
  if (!archive.paths.some((path) => path.startsWith('whetstone/'))) return null;
  const about = await read(archive, report, 'whetstone/about.json', 'export', z.object({ format: z.int() }));
  if (about !== null && about.format > formatOfExport)
    throw new AppError('invalid_input', 'A newer version of Whetstone made this export. Import it there, or update this server.');
  const ours: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(objects)) ours[name] = await read(archive, report, `whetstone/${name}.json`, name, shape);
  for (const [name, shape] of Object.entries(lists)) {
    const isMissing = later.has(name) && !archive.paths.includes(`whetstone/${name}.json`);
    ours[name] = isMissing ? [] : await readList(archive, report, name, shape);
  }
  return ours as Ours;
}

async function readList(archive: Archive, report: Report, name: string, shape: z.ZodType): Promise<unknown[] | null> {
  const where = `whetstone/${name}.json`;
  const list = await read(archive, report, where, name, z.array(z.unknown()));
  if (list === null) return null;
  return list.flatMap((element, index) => {
    const parsed = shape.safeParse(element);
    if (parsed.success) return [parsed.data];
    report.problem(`${where}:${index + 1}`, name, whyNot(parsed.error));
    return [];
  });
}

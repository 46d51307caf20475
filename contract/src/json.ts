import { z } from 'zod';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Any JSON object. Keys are kept as they are, `__proto__` included, so take care where it is copied. */
export const jsonObject = z.record(z.string(), z.unknown());
export type AnyObject = Record<string, unknown>;

/** Years that both the stores and nanoseconds of OpenTelemetry can tell. */
const firstYear = 1970;
const lastYear = 2261;
/** A moment in ISO 8601 with a time; answers are always UTC with milliseconds or finer. */
export const moment = z.union([z.iso.datetime({ offset: true, local: true }), z.iso.date()]).refine(
  (text) => {
    const year = Number(text.slice(0, 4));
    return year >= firstYear && year <= lastYear;
  },
  { error: `has to lie in the years ${firstYear} to ${lastYear}` },
);

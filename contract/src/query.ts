import { z } from 'zod';

/** What arrives in a query string, where everything is text. */

export const flag = z.union([
  z.boolean(),
  z.enum(['true', 'false', 'True', 'False', '1', '0']).transform((v) => v.toLowerCase() === 'true' || v === '1'),
]);
/** A repeated query key; one value arrives as a plain string. */
export const many = z.union([z.array(z.string()), z.string().transform((v) => [v])]);
export const pageNumber = z.coerce.number().int().min(1).max(1_000_000);
export const pageSize = z.coerce.number().int().min(1).max(1000);

import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** Which file spans belong to whose application does not say so itself. */
export const otelRule = z
  .object({
    /** All must hold. An attribute of the span or of its resource, or `span.name`, or `scope.name`. */
    when: z
      .array(
        z.object({
          attribute: z.string().min(1).max(200),
          is: z.enum(['equal', 'starting', 'containing', 'present']),
          value: z.string().max(1_000).nullish(),
        }),
      )
      .min(1)
      .max(20),
    /** Only spans that become logs of this kind. */
    kind: z.enum(['prompt', 'tool', 'flow']).nullish(),
    /** `{attribute}` stands for what the span says: `support/{service.name}`. */
    path: z.string().min(1).max(900),
  })
  .meta({ id: 'OtelRule' });
export type OtelRule = z.infer<typeof otelRule>;

const otelRules = z.object({ rules: z.array(otelRule).max(200) });

export const otlpEndpoints = {
  'otel.rules': endpoint({
    method: 'GET',
    path: '/otel/rules',
    permission: 'read',
    tag: 'otel',
    summary: 'Rules by which spans are mapped to files, in order',
    output: otelRules,
  }),
  'otel.set_rules': endpoint({
    method: 'PUT',
    path: '/otel/rules',
    permission: 'admin',
    tag: 'otel',
    summary: 'Replace the rules by which spans are mapped to files',
    body: otelRules,
    output: otelRules,
  }),
} as const;

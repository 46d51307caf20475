import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';

/** Rules by which spans are mapped to files. The spans themselves come in by a door of their own (`otlp/http.ts`). */
export function otelHandlers({ otlp }: Rooms): HandlersOf<'otel'> {
  return {
    async 'otel.rules'({ scope }) {
      return { rules: await otlp.rules(scope) };
    },
    async 'otel.set_rules'({ scope, body }) {
      return { rules: await otlp.setRules(scope, body.rules) };
    },
  };
}

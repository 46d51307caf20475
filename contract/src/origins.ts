/** Where a log came from. Apart from the schemas, so that the browser can name them without a validator. */
export const origins = ['api', 'gateway', 'otel', 'playground', 'evaluation', 'replay', 'import', 'agent', 'demo'] as const;
export type Origin = (typeof origins)[number];

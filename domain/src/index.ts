export * from './ids.ts';
export * from './jinja.ts';
export * from './path.ts';
export * from './template-scan.ts';
export * from './template.ts';
export * from './text.ts';
export * from './variables.ts';
export * from './version-hash.ts';

export * from './ids.ts';
export * from './path.ts';
export * from './text.ts';
export * from './version-hash.ts';

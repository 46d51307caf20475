/** A logger that says nothing; errors of the engine process are still seen by what they break. */
export const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

import pino, { type Logger } from 'pino';

/** T6: what looks like a secret by its name never reaches the log; headers are not logged at all. */
const secretKeys = ['password', 'secret', 'apiKey', 'api_key', 'authorization', 'cookie', 'token', 'key', 'clientSecret', 'headers'];

/** Structured log on stderr; stdout is the ready line's. */
export function createLog(level: string): Logger {
  const paths = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);
  return pino(
    { level, base: null, redact: { paths, censor: '[hidden]' }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: false }),
  );
}

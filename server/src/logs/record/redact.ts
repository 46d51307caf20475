import { compileRedaction, redact, type Redaction } from '@whetstone/domain';
import type { LogsDeps } from '../index.ts';
import type { Redact } from './prepare.ts';

type Rules = Awaited<ReturnType<LogsDeps['settings']>>['redaction'];

/** The redaction of a workspace, compiled once for as long as its list of rules is the same object. */
export function redactorOf(settings: LogsDeps['settings']): (workspaceId: string) => Redact | null | Promise<Redact | null> {
  const compiled = new WeakMap<Rules, Redact>();
  const ready = (rules: Rules): Redact | null => {
    if (rules.length === 0) return null;
    let found = compiled.get(rules);
    if (!found) {
      const redaction: Redaction = compileRedaction(rules);
      found = (log) => redact(log, redaction).value;
      compiled.set(rules, found);
    }
    return found;
  };
  return (workspaceId) => {
    const known = settings(workspaceId);
    return known instanceof Promise ? known.then(({ redaction }) => ready(redaction)) : ready(known.redaction);
  };
}

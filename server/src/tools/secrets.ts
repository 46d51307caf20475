import { AppError, type AnyObject, type Scope } from '@whetstone/contract';
import type { People, UsableCredential } from '../people/index.ts';
import { setting } from './inputs.ts';
import type { Variables } from './variables/variables.ts';

/** What of a service a kind of tool may send a secret to, and where the secret is looked for. */
export interface Service {
  /** Provider of its credentials. */
  provider: string;
  /** Environment variable that stands in for a credential. */
  variable: string;
  /** Hosts to which a credential without a base URL may be sent: these and what is below them. */
  hosts: readonly string[];
}
export interface ServiceSecret {
  secret: string;
  baseUrl: string | null;
  privateAllowed: boolean;
}

/** The secrets of one run: found, sent only where they belong, and kept out of what is logged and answered. */
export interface Secrets {
  /** The tool's environment variables by name, for a request to this origin. 400 for one that is absent or kept for elsewhere. */
  variables(names: readonly string[], origin: string | null): Promise<Map<string, string>>;
  /** The credential that `setup_values.credential` names, or the service's own, or the tool's variable; null when there is none. */
  service(setup: AnyObject, service: Service, urlOf: (baseUrl: string | null) => string): Promise<ServiceSecret | null>;
  /** A credential by name, for a request to the origin that it is bound to. */
  credential(name: string, origin: string | null): Promise<UsableCredential>;
  used(): boolean;
  /** The text without the secrets that this run knows. */
  hide(text: string): string;
  hideIn(value: AnyObject): AnyObject;
}

const shortestHidden = 4;

export function openSecrets(parts: {
  scope: Scope;
  fileId: string;
  variables: Variables;
  credentials: Pick<People['credentials'], 'resolve'>;
}): Secrets {
  const { scope, fileId, variables, credentials } = parts;
  const known = new Map<string, string>();
  const note = (name: string, secret: string): string => {
    if (secret.length >= shortestHidden) known.set(name, secret);
    return secret;
  };
  const hide = (text: string): string => {
    let hidden = text;
    for (const [name, secret] of known) for (const form of formsOf(secret)) hidden = hidden.replaceAll(form, `[${name}]`);
    return hidden;
  };
  const secrets: Secrets = {
    async variables(names, origin) {
      const found = await variables.open(scope, fileId, names, origin);
      for (const [name, value] of found) note(name, value);
      return found;
    },
    async credential(name, origin) {
      const found = await credentials.resolve(scope, name);
      if (found === null)
        throw new AppError('bad_request', `There is no credential named \`${name}\`. Add it under Settings, Model credentials.`);
      const bound = found.baseUrl === null ? null : new URL(found.baseUrl).origin;
      if (bound === null || bound !== origin)
        throw new AppError(
          'bad_request',
          `The credential \`${name}\` is kept for ${bound ?? 'no address: give it a base URL'}; this tool would send it to ${origin ?? 'an address that its inputs decide'}.`,
        );
      note(name, found.secret);
      return found;
    },
    async service(setup, service, urlOf) {
      const name = setting(setup, 'credential');
      const found = await credentials.resolve(scope, name ?? service.provider);
      if (name !== null && found === null)
        throw new AppError('bad_request', `There is no credential named \`${name}\`. Add it under Settings, Model credentials.`);
      if (found === null) {
        const given = await variables.find(scope, fileId, service.variable, new URL(urlOf(null)).origin);
        return given === null ? null : { secret: note(service.variable, given), baseUrl: null, privateAllowed: false };
      }
      const url = new URL(urlOf(found.baseUrl));
      const own = found.baseUrl === null ? isOwnHost(url, service) : new URL(found.baseUrl).origin === url.origin;
      if (!own)
        throw new AppError(
          'bad_request',
          `The credential \`${found.name}\` is kept for ${found.baseUrl ?? service.hosts.join(', ')}; this tool would send it to ${url.origin}. Give the credential that base URL.`,
        );
      note(found.name, found.secret);
      return { secret: found.secret, baseUrl: found.baseUrl, privateAllowed: found.privateAllowed };
    },
    used: () => known.size > 0,
    hide,
    hideIn: (value) => JSON.parse(hide(JSON.stringify(value))) as AnyObject,
  };
  return secrets;
}

function isOwnHost(url: URL, { hosts }: Service): boolean {
  return url.protocol === 'https:' && hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`));
}

/** As it is, and as it stands in JSON, in a URL and in basic authorization. */
function formsOf(secret: string): Set<string> {
  const encoded = encodeURIComponent(secret);
  return new Set([secret, JSON.stringify(secret).slice(1, -1), encoded, encoded.replaceAll('%20', '+')]);
}

export function missingSecret(service: Service, title: string): AppError {
  return new AppError(
    'bad_request',
    `There is no key for ${title}. Add a credential with the provider \`${service.provider}\`, or give the tool the environment variable ${service.variable}.`,
    { data: { code: 'credential_missing', provider: service.provider } },
  );
}

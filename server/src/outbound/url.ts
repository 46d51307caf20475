import { isIP } from 'node:net';
import { AppError } from '@whetstone/contract';
import { isDeniedAddress, isDeniedName } from './address.ts';

const maxUrl = 4096;

/**
 * A URL that we may call, parsed. Refuses other schemes than http and https, credentials inside the URL, and, unless
 * `privateAllowed`, addresses of this machine and private networks. Names are only fully decided when connecting.
 * Throws `invalid_input` that names the field and what to mend.
 */
export function parseOutboundUrl(text: string, options: { privateAllowed: boolean; field?: string }): URL {
  const problem = urlProblem(text, options.privateAllowed);
  if (typeof problem !== 'string') return problem;
  const field = options.field ?? 'url';
  throw new AppError('invalid_input', problem, { details: [{ loc: ['body', field], msg: problem, type: 'value_error.url' }] });
}

function urlProblem(text: string, privateAllowed: boolean): URL | string {
  if (text.length > maxUrl) return `The URL is longer than ${maxUrl} characters.`;
  if (!URL.canParse(text)) return 'This is not a URL. It looks like https://api.example.com/v1.';
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return `The URL starts with \`${url.protocol}//\`; only http and https are called.`;
  if (url.username !== '' || url.password !== '') return 'The URL has a user name or password in it; put the secret into its own field.';
  if (!privateAllowed && isDeniedHost(url.hostname)) return privateAddressMessage(url.hostname);
  return url;
}

/** Whether a host, as `URL` normalises it, is denied before any look-up. */
export function isDeniedHost(hostname: string): boolean {
  const plain = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(plain) !== 0 ? isDeniedAddress(plain) : isDeniedName(plain);
}

export function privateAddressMessage(host: string): string {
  return `\`${host}\` is an address of this machine or of a private network. The operator can allow such addresses with WHETSTONE_ALLOW_PRIVATE_URLS=1, or give the base URL by the provider's environment variable.`;
}

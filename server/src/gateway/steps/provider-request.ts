import type { AnyObject } from '@whetstone/contract';
import type { OutboundRequest } from '../../outbound/index.ts';
import type { CallOptions } from './call.ts';
import type { ProviderSettings } from '../providers/dialect.ts';
import { demoHeaders } from '../demo/provider.ts';
import type { Limits, Target } from '../room.ts';
import { withFittingLength } from './length-parameter.ts';
import { nativeFor } from './native.ts';
import { asObject } from '../wire/read.ts';

/**
 * The request to a provider. What speaks the provider's shape already and names its model is sent byte for byte. Throws
 * when the dialect cannot say what was asked.
 * @returns `dropUsage`: we asked for usage in the stream, the caller did not
 */
export function providerRequest(
  target: Target,
  options: CallOptions,
  limits: Limits,
  at: Date,
): { request: OutboundRequest; dropUsage: boolean } {
  const { ready, asked, sample } = options;
  const { provider, secret, baseUrl, privateAllowed, model, credential } = target;
  const stream = asked.stream;
  const settings = credential?.settings ?? noSettings;
  const given = ready.raw !== null && provider.dialect.id === 'openai' && ready.body['model'] === model ? ready.raw : null;
  const addsUsage = stream && provider.streamUsage === true && ready.body['stream_options'] === undefined;
  const native = nativeFor(asked, provider);
  const dropUsage = native === null && stream && asObject(ready.body['stream_options'])?.['include_usage'] !== true;
  let request: { path: string; headers: Record<string, string>; body: string | Buffer };
  if (native !== null) request = native.request(ready, target);
  else if (given !== null) {
    const shape = provider.dialect.encode({ kind: ready.kind, model, body: {}, stream, settings });
    request = { ...shape, body: addsUsage ? spliceUsage(given) : given };
  } else {
    const fitting = ready.chosen === undefined ? ready.body : withFittingLength(ready.body, model);
    const body: AnyObject = { ...(asked.native?.translate(fitting, provider) ?? fitting), model };
    if (addsUsage) body['stream_options'] = { include_usage: true };
    request = provider.dialect.encode({ kind: ready.kind, model, body, stream, settings });
  }
  const url = urlOf(baseUrl + request.path);
  const sessionToken = credential?.sessionToken ?? null;
  const toSign = { method: 'POST', url, body: request.body, settings, sessionToken, at } as const;
  const demo: Record<string, string> =
    provider.simulated === true ? { [demoHeaders.sample]: String(sample), ...(asked.instant ? { [demoHeaders.instant]: '1' } : {}) } : {};
  return {
    dropUsage,
    request: {
      url,
      method: 'POST',
      headers: { ...asked.headers, ...request.headers, ...provider.dialect.authorise(secret, toSign), 'user-agent': 'whetstone', ...demo },
      body: request.body,
      privateAllowed,
      headersTimeoutMs: target.timeoutMs ?? (stream ? limits.streamHeadersTimeoutMs : limits.headersTimeoutMs),
      idleTimeoutMs: limits.idleTimeoutMs,
    },
  };
}

const noSettings: ProviderSettings = {};
const usageOption = Buffer.from(',"stream_options":{"include_usage":true}}');

/** Asks for usage at the end of the object without writing the rest anew. */
function spliceUsage(raw: Buffer): Buffer {
  return Buffer.concat([raw.subarray(0, raw.lastIndexOf(0x7d)), usageOption]);
}

const urls = new Map<string, URL>();

function urlOf(text: string): URL {
  const known = urls.get(text);
  if (known !== undefined) return known;
  const url = new URL(text);
  if (urls.size > 500) urls.clear();
  urls.set(text, url);
  return url;
}

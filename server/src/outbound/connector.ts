import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { isDeniedAddress } from './address.ts';
import { isDeniedHost, privateAddressMessage } from './url.ts';

export class AddressDeniedError extends Error {
  readonly code = 'ERR_ADDRESS_DENIED';
  constructor(host: string) {
    super(privateAddressMessage(host));
    this.name = 'AddressDeniedError';
  }
}

/** All addresses of a name, as `dns.lookup` with `all` gives them. */
export type Resolve = (hostname: string, callback: (error: Error | null, addresses: LookupAddress[]) => void) => void;

export const systemResolve: Resolve = (hostname, callback) => systemLookup(hostname, { all: true }, callback);

/**
 * Connects only to addresses that are allowed. The check is made on the very addresses that the socket will use, so a
 * name that answers differently the second time gains nothing; the connected socket is looked at once more.
 */
export function guardedConnector(options: { connectTimeoutMs: number; resolve: Resolve }): buildConnector.connector {
  const connect = buildConnector({ timeout: options.connectTimeoutMs, lookup: guardedLookup(options.resolve), allowH2: false });
  return (target, callback) => {
    if (isDeniedHost(target.hostname)) {
      callback(new AddressDeniedError(target.hostname), null);
      return;
    }
    connect(target, (...result: [null, NonNullable<Parameters<buildConnector.Callback>[1]>] | [Error, null]) => {
      const [error, socket] = result;
      if (error !== null) {
        callback(error, null);
        return;
      }
      if (socket.remoteAddress !== undefined && isDeniedAddress(socket.remoteAddress)) {
        socket.destroy();
        callback(new AddressDeniedError(target.hostname), null);
        return;
      }
      callback(null, socket);
    });
  };
}

/** Connects anywhere: for base URLs that the operator gave. */
export function freeConnector(options: { connectTimeoutMs: number; resolve: Resolve }): buildConnector.connector {
  return buildConnector({ timeout: options.connectTimeoutMs, lookup: lookupWith(options.resolve, () => false), allowH2: false });
}

function guardedLookup(resolve: Resolve): LookupFunction {
  return lookupWith(resolve, isDeniedAddress);
}

function lookupWith(resolve: Resolve, isDenied: (address: string) => boolean): LookupFunction {
  return (hostname: string, options: LookupOptions, callback: Parameters<LookupFunction>[2]) => {
    resolve(hostname, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null) callback(error, '', 0);
      else if (first === undefined) callback(new Error(`\`${hostname}\` has no address`), '', 0);
      // One denied address among several is reason enough: who mixes them is up to no good.
      else if (addresses.some(({ address }) => isDenied(address))) callback(new AddressDeniedError(hostname), '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

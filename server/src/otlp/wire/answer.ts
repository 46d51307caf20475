import { type AppError, type ErrorCode } from '@whetstone/contract';
import protobuf from 'protobufjs/minimal.js';
import type { Encoding } from './body.ts';

/** google.rpc.Code, which OTLP's Status carries. */
const rpcCodes: Partial<Record<ErrorCode, number>> = {
  bad_request: 3,
  invalid_input: 3,
  unsupported_media_type: 3,
  not_found: 5,
  conflict: 6,
  forbidden: 7,
  too_large: 8,
  rate_limited: 8,
  timeout: 4,
  unavailable: 14,
  unauthenticated: 16,
};
const internal = 13;

export const contentTypes: Record<Encoding, string> = { protobuf: 'application/x-protobuf', json: 'application/json' };

/** An ExportTraceServiceResponse: empty, or how many spans were refused and why. `records` is v5's, and only in JSON. */
export function successBody(encoding: Encoding, refused: readonly string[], records: readonly string[] | null): Buffer | string {
  const message = reasons(refused);
  if (encoding === 'json') {
    const partial = refused.length === 0 ? {} : { partialSuccess: { rejectedSpans: String(refused.length), errorMessage: message } };
    return JSON.stringify(records === null ? partial : { records, ...partial });
  }
  if (refused.length === 0) return Buffer.alloc(0);
  const writer = protobuf.Writer.create();
  writer.uint32(0x0a).fork().uint32(0x08).int64(refused.length).uint32(0x12).string(message).ldelim();
  return Buffer.from(writer.finish());
}

const mostReasons = 5;

function reasons(refused: readonly string[]): string {
  const more = refused.length - mostReasons;
  return refused.slice(0, mostReasons).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** A google.rpc.Status, the shape of every refusal. */
export function statusBody(encoding: Encoding, error: AppError): Buffer | string {
  const code = rpcCodes[error.code] ?? internal;
  if (encoding === 'json') return JSON.stringify({ code, message: error.message });
  return Buffer.from(protobuf.Writer.create().uint32(0x08).int32(code).uint32(0x12).string(error.message).finish());
}

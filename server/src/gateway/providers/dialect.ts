import type { AnyObject } from '@whetstone/contract';
import type { ChatChunk } from '../wire/chat.ts';

export type CallKind = 'chat' | 'complete' | 'embeddings';

/** What is asked of a provider. `body` has OpenAI's shape of the kind. */
export interface ProviderCall {
  kind: CallKind;
  model: string;
  body: AnyObject;
  stream: boolean;
  settings: ProviderSettings;
}
/** Of the credential, by the names of `credentialFieldsOf` the provider. */
export type ProviderSettings = Readonly<Record<string, string>>;
export interface ProviderRequest {
  /** Appended to the base URL. */
  path: string;
  headers: Record<string, string>;
  body: string;
}
/** A failed answer in OpenAI's words. */
export interface ErrorWords {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}
export interface StreamDecoder {
  /** One server-sent event; throws when it is not what the provider documents. An `error` event throws a StreamFailure. */
  event(data: string, name: string): ChatChunk[];
  /** Whether the provider has said that it is done. */
  readonly done: boolean;
}
/** An error that a provider reported in the middle of a stream. */
export class StreamFailure extends Error {
  readonly words: ErrorWords;
  constructor(words: ErrorWords) {
    super(words.message);
    this.words = words;
  }
}

/** How to speak with one family of providers: small translators from and to OpenAI's shapes. */
export interface Dialect {
  id: 'openai' | 'anthropic' | 'google' | 'mistral' | 'cohere' | 'bedrock';
  kinds: readonly CallKind[];
  /** Follows the base URL where that does not end in a version itself. */
  version: string | null;
  /** Whether one request can ask for several samples. */
  severalSamples: boolean;
  encode(call: ProviderCall): ProviderRequest;
  authorise(secret: string, request: RequestToSign): Record<string, string>;
  /** A whole answer, parsed, in OpenAI's shape. Throws when it is not what the provider documents. */
  decode(kind: CallKind, body: unknown, context: DecodeContext): AnyObject;
  streaming(context: DecodeContext): StreamDecoder;
  /** How events are cut out of a stream's bytes; server-sent events unless told. */
  framing?: Framing;
  readError(status: number, body: string): ErrorWords;
  /** Where models are listed, and their names in the answer. */
  listModels: { path: string; base?(base: string): string; read(body: unknown): string[] };
}
/** What a signature covers. */
export interface RequestToSign {
  method: 'GET' | 'POST';
  url: URL;
  body: string | Buffer;
  settings: ProviderSettings;
  sessionToken: string | null;
  at: Date;
}
export interface Framing {
  /** Content type of the stream. */
  type: string;
  reader(onEvent: (data: string, name: string) => void, maxEventBytes: number): FrameReader;
}
/** Both throw when the bytes are not what they should be, or too many. */
export interface FrameReader {
  push(bytes: Buffer): void;
  end(): void;
}
export interface DecodeContext {
  model: string;
  /** Id for answers that have none of their own. */
  id: string;
  /** Seconds since 1970. */
  created: number;
  /** What was asked, in OpenAI's shape. */
  request: AnyObject;
}

import type { ToolKernel, ToolType } from '@whetstone/contract';
import { chromaSearch } from './chroma-search.ts';
import { getApiCall } from './get-api-call.ts';
import { google } from './google.ts';
import { jsonSchema } from './json-schema.ts';
import type { ToolKind } from './kind.ts';
import { mock } from './mock.ts';
import { pineconeSearch } from './pinecone-search.ts';
import { python } from './python.ts';
import { snippet } from './snippet.ts';

const kinds: { readonly [T in ToolType]: ToolKind } = {
  json_schema: jsonSchema,
  snippet,
  get_api_call: getApiCall,
  python,
  mock,
  google,
  pinecone_search: pineconeSearch,
  chroma_search: chromaSearch,
};

/** Programs log tools without a type: code is Python's, a bare function is the application's. Null: there is nothing to run. */
export function kindOf(kernel: ToolKernel): ToolKind | null {
  if (kernel.tool_type) return kinds[kernel.tool_type];
  if (kernel.source_code) return python;
  return kernel.function ? jsonSchema : null;
}

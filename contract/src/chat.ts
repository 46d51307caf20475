import { z } from 'zod';
import { jsonObject } from './json.ts';

export const chatRole = z.enum(['user', 'assistant', 'system', 'tool', 'developer']);
export type ChatRole = z.infer<typeof chatRole>;

export const toolCall = z.object({
  id: z.string(),
  type: z.literal('function').default('function'),
  function: z.object({ name: z.string(), arguments: z.string().nullish() }),
});
export type ToolCall = z.infer<typeof toolCall>;

export const textContent = z.object({ type: z.literal('text'), text: z.string() });
export const imageContent = z.object({
  type: z.literal('image_url'),
  image_url: z.object({ url: z.string(), detail: z.enum(['high', 'low', 'auto']).nullish() }),
});
export const contentPart = z.discriminatedUnion('type', [textContent, imageContent]);
export type ContentPart = z.infer<typeof contentPart>;

export const thinkingContent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
]);

export const chatMessage = z
  .object({
    role: chatRole,
    content: z.union([z.string(), z.array(contentPart)]).nullish(),
    name: z.string().nullish(),
    tool_call_id: z.string().nullish(),
    tool_calls: z.array(toolCall).nullish(),
    thinking: z.array(thinkingContent).nullish(),
  })
  .meta({ id: 'ChatMessage' });
export type ChatMessage = z.infer<typeof chatMessage>;

export const toolFunction = z
  .object({
    name: z.string(),
    description: z.string().nullish(),
    strict: z.boolean().nullish(),
    parameters: jsonObject.nullish(),
  })
  .meta({ id: 'ToolFunction' });
export type ToolFunction = z.infer<typeof toolFunction>;

export const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.object({ type: z.literal('function').default('function'), function: z.object({ name: z.string() }) }),
]);
export type ToolChoice = z.infer<typeof toolChoice>;

export const responseFormat = z
  .object({ type: z.enum(['json_object', 'json_schema', 'text']), json_schema: jsonObject.nullish() })
  .meta({ id: 'ResponseFormat' });
export type ResponseFormat = z.infer<typeof responseFormat>;

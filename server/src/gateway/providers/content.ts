import type { AnyObject } from '@whetstone/contract';
import { asList, asObject, asText, parseJson } from '../wire/read.ts';

/** OpenAI's message contents, taken apart for dialects that have another form. */

export type Part = { type: 'text'; text: string } | { type: 'image'; mediaType: string; data: string } | { type: 'imageUrl'; url: string };

export function partsOf(content: unknown): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return asList(content).flatMap((value): Part[] => {
    const part = asObject(value);
    const type = asText(part?.['type']);
    if (type === 'text' || type === 'input_text') return [{ type: 'text', text: asText(part?.['text']) ?? '' }];
    if (type === 'refusal') return [{ type: 'text', text: asText(part?.['refusal']) ?? '' }];
    const url = asText(asObject(part?.['image_url'])?.['url']) ?? asText(part?.['image_url']);
    if (type !== 'image_url' || url === null)
      throw new Error(`This provider takes text and images; a message has a part of type \`${type ?? 'unknown'}\`.`);
    const data = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w=.-]+)*;base64,(.*)$/s.exec(url);
    if (data !== null) return [{ type: 'image', mediaType: data[1] ?? 'image/png', data: data[2] ?? '' }];
    if (!/^https?:\/\//.test(url)) throw new Error('An image must be a data URL or an http(s) URL.');
    return [{ type: 'imageUrl', url }];
  });
}

export function plainText(content: unknown): string {
  return partsOf(content)
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('');
}

/** Arguments of a tool call, which models send as text: an object, whatever they wrote. */
export function argumentsOf(text: unknown): AnyObject {
  return asObject(parseJson(asText(text) ?? '')) ?? {};
}

export interface Tool {
  name: string;
  description: string | null;
  parameters: AnyObject;
  strict: boolean;
}

export function toolsOf(body: AnyObject): Tool[] {
  return asList(body['tools']).flatMap((value) => {
    const named = asObject(asObject(value)?.['function']);
    const name = asText(named?.['name']);
    if (name === null) return [];
    return [
      {
        name,
        description: asText(named?.['description']),
        parameters: asObject(named?.['parameters']) ?? { type: 'object', properties: {} },
        strict: named?.['strict'] === true,
      },
    ];
  });
}

export type Choice = { type: 'auto' | 'none' | 'required' } | { type: 'tool'; name: string };

export function choiceOf(body: AnyObject): Choice | null {
  const choice = body['tool_choice'];
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  const name = asText(asObject(asObject(choice)?.['function'])?.['name']);
  return name === null ? null : { type: 'tool', name };
}

/** The JSON schema asked for; `{}` for any object, null for text. */
export function schemaOf(body: AnyObject): AnyObject | null {
  const format = asObject(body['response_format']);
  if (format?.['type'] === 'json_object') return {};
  if (format?.['type'] !== 'json_schema') return null;
  return asObject(asObject(format['json_schema'])?.['schema']) ?? {};
}

export function stopsOf(body: AnyObject): string[] {
  return [body['stop']].flat().filter((stop): stop is string => typeof stop === 'string' && stop !== '');
}

/** How much a model may think, in tokens; null when nothing was asked. */
export function thinkingBudget(effort: unknown): number | null {
  if (typeof effort === 'number') return Math.max(0, Math.round(effort));
  const levels: Record<string, number> = { none: 0, minimal: 1024, low: 2048, medium: 8192, high: 16_384, xhigh: 32_768 };
  return typeof effort === 'string' && Object.hasOwn(levels, effort) ? (levels[effort] ?? null) : null;
}

/** A frame that chunks and completions share. */
export function frameOf<Kind extends string>(
  object: Kind,
  id: string,
  created: number,
  model: string,
): { id: string; object: Kind; created: number; model: string } {
  return { id, object, created, model };
}

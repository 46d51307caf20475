import { type Endpoint, endpoints, gatewayOperations } from '@whetstone/contract';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from './openapi.ts';

const byText = (a: string | undefined, b: string | undefined) => (a ?? '').localeCompare(b ?? '');

interface Operation {
  operationId: string;
  parameters: { name: string; in: string; required: boolean }[];
  responses: Record<string, unknown>;
}

describe('the OpenAPI document', () => {
  const document = openApiDocument('1.2.3') as {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, unknown> };
  };

  it('has every endpoint of the table, under its name', () => {
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path).map((operation) => operation.operationId));
    expect(operations.toSorted()).toEqual([...Object.keys(endpoints), ...Object.keys(gatewayOperations)].toSorted());
  });

  it('names every placeholder of a path as a parameter', () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      for (const operation of Object.values(methods)) {
        expect(
          operation.parameters
            .filter((p) => p.in === 'path' && p.required)
            .map((p) => p.name)
            .toSorted(byText),
        ).toEqual(wanted.toSorted(byText));
      }
    }
  });

  it('refers to no schema that is not there', () => {
    const text = JSON.stringify(document);
    const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1] as string);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => document.components.schemas[name] === undefined)).toEqual([]);
    expect(text).not.toContain('#/$defs/');
  });

  it('tells the status of success', () => {
    for (const endpoint of Object.values(endpoints) as Endpoint[]) {
      const operation = document.paths[`/v5${endpoint.path}`]?.[endpoint.method.toLowerCase()];
      expect(Object.keys(operation?.responses ?? {})).toContain(String(endpoint.status ?? (endpoint.output === null ? 204 : 200)));
    }
  });
});

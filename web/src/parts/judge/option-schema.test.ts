import { expect, it } from 'vitest';
import { controlOf, fieldsOfSchema } from './option-schema.ts';

it('makes a control of every form that the library uses', () => {
  const schema = {
    type: 'object',
    required: ['pattern'],
    properties: {
      pattern: { type: 'string', minLength: 1, description: 'What to look for.' },
      ignore_case: { type: 'boolean', default: false },
      mode: { type: 'string', enum: ['all', 'any'], default: 'all' },
      texts: { type: 'array', items: { type: 'string' }, default: [] },
      kinds: { type: 'array', items: { type: 'string', enum: ['email', 'phone'] } },
      at_least: { type: ['number', 'null'], default: null },
      question_key: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
      schema: { anyOf: [{ type: 'object' }, { type: 'boolean' }], default: {} },
    },
  };
  const fields = fieldsOfSchema(schema);
  expect(fields.map(controlOf)).toEqual(['text', 'flag', 'one', 'lines', 'some', 'number', 'text', 'json']);
  expect(fields.filter(({ nullable }) => nullable).map(({ name }) => name)).toEqual(['at_least', 'question_key']);
  expect(fields[0]).toMatchObject({ required: true, title: 'Pattern', description: 'What to look for.' });
  expect(fields[1]).toMatchObject({ title: 'Ignore case', start: false });
});

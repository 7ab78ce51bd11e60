import { describe, expect, it } from 'vitest';
import { sharedDescription } from '../src/openapi.ts';

const thing = {
  type: 'object',
  properties: { at: { type: 'string', title: 'Time', description: 'When.' } },
  title: 'Thing',
};
const problem = {
  description: 'No.',
  content: { 'application/problem+json': { schema: { type: 'object', title: 'Problem' } } },
};

function documentOf(schema: object, more: object = {}) {
  const answer = { description: 'A thing.', content: { 'application/json': { schema, ...more } } };
  const limit = { in: 'query', name: 'limit', schema: { type: 'integer' } };
  const operation = { tags: ['things'], parameters: [limit], responses: { 200: answer, 404: problem } };
  return { openapi: '3.1.0', paths: { '/v1/things/{id}': { get: operation, put: operation } } };
}

interface Shared {
  readonly paths: Record<string, Record<string, Record<string, unknown>>>;
  readonly components: Record<'schemas' | 'responses' | 'parameters', Record<string, object>>;
}
const share = (document: object) => sharedDescription(document) as unknown as Shared;

describe('a shared description', () => {
  it('tells titled schemas once and refers to them, with what is said of the place beside', () => {
    const { paths, components } = share(documentOf(thing));
    expect(components.schemas).toEqual({
      Problem: { type: 'object', title: 'Problem' },
      Thing: {
        type: 'object',
        title: 'Thing',
        properties: { at: { $ref: '#/components/schemas/Time', description: 'When.' } },
      },
      Time: { type: 'string', title: 'Time' },
    });
    expect(paths['/v1/things/{id}']!['get']!['responses']).toMatchObject({
      200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
    });
  });

  it('tells a parameter and a refusal of several operations once', () => {
    const { paths, components } = share(documentOf(thing));
    const [parameter, ...otherParameters] = Object.keys(components.parameters);
    const [response, ...otherResponses] = Object.keys(components.responses);
    expect([otherParameters, otherResponses]).toEqual([[], []]);
    for (const method of ['get', 'put']) {
      const operation = paths['/v1/things/{id}']![method]!;
      expect(operation['parameters']).toEqual([{ $ref: `#/components/parameters/${parameter}` }]);
      expect(operation['responses']).toMatchObject({ 404: { $ref: `#/components/responses/${response}` } });
    }
  });

  it('tells what any operation may answer once, and of each what is its own', () => {
    const { paths } = share({
      openapi: '3.1.0',
      paths: { '/a': { get: { responses: { 401: problem, 404: problem, 429: problem, 503: problem } } } },
    });
    expect(Object.keys(paths['/a']!['get']!['responses'] as object)).toEqual(['404', 'default']);
  });

  it('tells of what was put what the registry adds', () => {
    const fields = { name: { type: 'string' }, of: { type: 'string', minLength: 1 } };
    const id = { type: 'string', maxLength: 64 };
    const put = {
      type: 'object',
      title: 'ThingInput',
      properties: { id, ...fields, version: {} },
      required: ['name'],
    };
    const got = {
      type: 'object',
      title: 'Thing',
      properties: { id, ...fields, version: { type: 'integer' } },
      required: ['id', 'name', 'version'],
    };
    const { components } = share(documentOf({ anyOf: [put, got] }));
    expect(components.schemas['Thing']).toEqual({
      title: 'Thing',
      allOf: [
        { $ref: '#/components/schemas/ThingInput' },
        {
          type: 'object',
          properties: { id, version: { type: 'integer' } },
          required: ['id', 'name', 'version'],
        },
      ],
    });
  });

  it('gives every operation an id', () => {
    const { paths } = share(documentOf(thing));
    expect(Object.values(paths['/v1/things/{id}']!).map(({ operationId }) => operationId)).toEqual([
      'getThingsById',
      'putThingsById',
    ]);
  });

  it('tells tuples as lists of their kinds, and leaves out what a format says and an example shows again', () => {
    const pair = { type: 'array', prefixItems: [{ type: 'integer' }, { type: 'integer' }] };
    const day = { type: 'string', format: 'date', pattern: '^\\d{4}-' };
    const schema = { ...thing, properties: { pair, day } };
    const { paths, components } = share(documentOf(schema, { example: { day: '2026-01-01' } }));
    expect(components.schemas['Thing']).toMatchObject({
      properties: {
        pair: { type: 'array', items: { type: 'integer' }, minItems: 2, maxItems: 2 },
        day: { type: 'string', format: 'date' },
      },
    });
    expect(JSON.stringify({ paths, components })).not.toMatch(/prefixItems|pattern|"example"/);
  });

  it('refuses two schemas of one title, except where only their examples differ', () => {
    const document = documentOf(thing);
    const other = (schema: object) => ({
      ...document,
      paths: { ...document.paths, '/v1/others': documentOf(schema).paths['/v1/things/{id}'] },
    });
    expect(() => share(other({ type: 'object', title: 'Thing' }))).toThrow(
      'two schemas have the title Thing',
    );
    const { components } = share(other({ ...thing, examples: [{ at: 'now' }] }));
    expect(components.schemas['Thing']).toMatchObject({ examples: [{ at: 'now' }] });
  });
});

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

  it('tells a parameter and the refusals of several operations once', () => {
    const { paths, components } = share(documentOf(thing));
    const [parameter, ...otherParameters] = Object.keys(components.parameters);
    const [common, refusals, ...otherResponses] = Object.keys(components.responses);
    expect([common, otherParameters, otherResponses]).toEqual(['Refusal', [], []]);
    const { parameters, ...operations } = paths['/v1/things/{id}']!;
    expect(parameters).toEqual([{ $ref: `#/components/parameters/${parameter}` }]);
    for (const method of ['get', 'put']) {
      expect(operations[method]).not.toHaveProperty('parameters');
      expect(operations[method]!['responses']).toMatchObject({
        '4XX': { $ref: `#/components/responses/${refusals}` },
        default: { $ref: '#/components/responses/Refusal' },
      });
    }
  });

  it('tells status and codes of the refusals of an operation, and apart from them what any may answer', () => {
    const reused = { ...problem, description: '`name_taken`: Taken.\n\n`name_long`: Too long.' };
    const { components } = share({
      openapi: '3.1.0',
      paths: { '/a': { get: { responses: { 401: problem, 404: problem, 409: reused, 503: problem } } } },
    });
    const { Refusal: _common, ...own } = components.responses;
    expect(Object.values(own)).toMatchObject([{ description: '404. 409 `name_taken`, `name_long`.' }]);
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
    const { parameters: _shared, ...operations } = paths['/v1/things/{id}']!;
    expect(Object.values(operations).map(({ operationId }) => operationId)).toEqual([
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

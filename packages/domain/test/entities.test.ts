import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { entitySchemas } from '../src/index.ts';

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** Where an object within takes fields that it does not know. */
function openObjects(schema: JsonSchema, path: readonly string[] = []): string[] {
  const { properties = {}, additionalProperties, items, anyOf = [], oneOf = [], allOf = [] } = schema;
  const isRecord = typeof additionalProperties === 'object';
  const isOpen = schema.type === 'object' && !isRecord && additionalProperties !== false;
  return [
    ...(isOpen && path.length > 0 ? [path.join('.')] : []),
    ...Object.entries(properties).flatMap(([field, part]) => openObjects(part, [...path, field])),
    ...(isRecord ? openObjects(additionalProperties, [...path, '*']) : []),
    ...(items === undefined ? [] : openObjects(items, [...path, '*'])),
    ...[...anyOf, ...oneOf, ...allOf].flatMap((part) => openObjects(part, path)),
  ];
}

describe('an entity', () => {
  it.each(Object.entries(entitySchemas))(
    '%s has no part that drops a field it does not know',
    (_kind, schema) => {
      const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
      expect(Object.keys(json.properties!).length).toBeGreaterThan(1);
      expect(openObjects(json)).toEqual([]);
    },
  );
});

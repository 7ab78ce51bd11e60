import { z } from 'zod';
import type { Cell, CellKind, Cells, Columns } from './cells.ts';

/** How deep fields of fields become columns; what lies deeper is told as JSON. */
const depthMax = 2;

type JsonSchema = {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly anyOf?: readonly JsonSchema[];
};

interface Field {
  readonly column: string;
  readonly kind: CellKind;
  readonly path: readonly string[];
}

/**
 * The table of what a schema describes: a column for each field in its order, those of a field with fields as
 * `source.document`. Lists of plain values are joined, all else is JSON.
 */
export function schemaTable(schema: z.ZodType): {
  readonly columns: Columns;
  readonly cellsOf: (row: object) => Cells;
} {
  const json = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as JsonSchema;
  const fields = fieldsOf(json, []);
  return {
    columns: Object.fromEntries(fields.map(({ column, kind }) => [column, kind])),
    cellsOf: (row) => Object.fromEntries(fields.map(({ column, path }) => [column, cellAt(row, path)])),
  };
}

function fieldsOf({ properties = {} }: JsonSchema, above: readonly string[]): Field[] {
  return Object.entries(properties).flatMap(([name, given]) => {
    const schema = withoutNull(given);
    const path = [...above, name];
    if (schema.properties !== undefined && path.length <= depthMax) return fieldsOf(schema, path);
    return [{ column: path.join('.'), kind: kindOf(schema), path }];
  });
}

/** What is there where it is not null. */
function withoutNull(schema: JsonSchema): JsonSchema {
  const others = schema.anyOf?.filter(({ type }) => type !== 'null');
  if (others?.length === 1) return others[0]!;
  const types = [schema.type].flat().filter((type) => type !== 'null');
  return types.length === 1 ? { ...schema, type: types[0]! } : schema;
}

function kindOf({ type, format }: JsonSchema): CellKind {
  if (type === 'string') return format === 'date-time' ? 'time' : 'text';
  if (type === 'number') return 'number';
  if (type === 'integer') return 'long';
  return type === 'boolean' ? 'boolean' : 'text';
}

function cellAt(row: object, path: readonly string[]): Cell {
  let value: unknown = row;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') return value as string | number | boolean;
  const isPlain = (part: unknown) => typeof part === 'string' || typeof part === 'number';
  return Array.isArray(value) && value.every(isPlain) ? value : JSON.stringify(value);
}

import {
  DOUBLE,
  DuckDBDataChunk,
  INTEGER,
  UTINYINT,
  VARCHAR,
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';

/** Rows in one of DuckDB's vectors. */
const vectorRows = 2048;

type NumberColumn = Float64Array | Int32Array | Uint8Array;

/** Column types for {@link TableAppender}; DuckDB casts whole-number doubles to the table's BIGINT by itself. */
export const columnTypes = { double: DOUBLE, integer: INTEGER, tiny: UTINYINT, text: VARCHAR } as const;
export type ColumnType = keyof typeof columnTypes;

/** Appends columns to one table, a vector at a time. What it appended is part of its connection's transaction. */
export class TableAppender {
  private readonly appender: DuckDBAppender;
  private readonly types: readonly DuckDBType[];

  private constructor(appender: DuckDBAppender, types: readonly DuckDBType[]) {
    this.appender = appender;
    this.types = types;
  }

  static async open(
    connection: DuckDBConnection,
    table: string,
    types: readonly ColumnType[],
  ): Promise<TableAppender> {
    const appender = await connection.createAppender(table);
    return new TableAppender(
      appender,
      types.map((type) => columnTypes[type]),
    );
  }

  /** Columns of `length` rows or more: typed arrays for columns without NULL, arrays of values for others. */
  append(columns: readonly (NumberColumn | readonly DuckDBValue[])[], length: number): void {
    for (let from = 0; from < length; from += vectorRows) {
      const to = Math.min(from + vectorRows, length);
      const chunk = DuckDBDataChunk.create(this.types, to - from);
      for (const [index, column] of columns.entries()) {
        if (Array.isArray(column)) {
          chunk.setColumnValues(index, column.slice(from, to));
        } else {
          const vector = chunk.getColumnVector(index) as unknown as { items: NumberColumn; flush(): void };
          vector.items.set((column as NumberColumn).subarray(from, to));
          vector.flush();
        }
      }
      this.appender.appendDataChunk(chunk);
    }
    this.appender.flushSync();
  }

  /** Drops what was appended and not flushed. */
  close(): void {
    this.appender.clear();
    this.appender.closeSync();
  }
}

/** Columns of a result's next vector. Numbers only valid until the next fetch: copy what is kept. */
export interface ResultVector {
  readonly length: number;
  /** Columns without NULL as they lie in memory; the query has cast them to DOUBLE, INTEGER and UTINYINT. */
  doubles(index: number): Float64Array;
  integers(index: number): Int32Array;
  tinies(index: number): Uint8Array;
  /** The column as values, NULL as null. */
  values(index: number): DuckDBValue[];
}

/** The next vector of a result, or undefined at its end. */
export async function nextVector(result: DuckDBResult): Promise<ResultVector | undefined> {
  const chunk = await result.fetchChunk();
  if (chunk === null || chunk.rowCount === 0) return undefined;
  const items = (index: number) => (chunk.getColumnVector(index) as unknown as { items: NumberColumn }).items;
  return {
    length: chunk.rowCount,
    doubles: (index) => items(index) as Float64Array,
    integers: (index) => items(index) as Int32Array,
    tinies: (index) => items(index) as Uint8Array,
    values: (index) => chunk.getColumnValues(index),
  };
}

/**
 * SQL of a relation of `length` rows: rank (from 0) and columns of whole numbers. A column is passed as one text that
 * DuckDB splits, which takes a hundredth of the time of binding its values one by one.
 */
export function numberRelation(
  columns: Readonly<
    Record<string, { readonly type: 'INTEGER' | 'BIGINT'; readonly values: ArrayLike<number> }>
  >,
  length: number,
): string {
  const lists = Object.entries(columns).map(
    ([name, { type, values }]) =>
      `unnest(string_split('${Array.from(values).join()}', ',')::${type}[]) AS ${name}`,
  );
  return `(SELECT unnest(range(${length}))::INTEGER AS rank, ${lists.join(', ')})`;
}

/** What stands in a cell; null is empty. */
export type Cell = string | number | boolean | null | readonly (string | number)[];
/** What a row has in each column. */
export type Cells = Readonly<Record<string, Cell>>;

/**
 * What a column holds. An `integer` has 32 bits, a `long` what a double can hold exactly; `time` and `timeUs` are ISO
 * 8601, to the millisecond and to the microsecond.
 */
export type CellKind = 'text' | 'boolean' | 'integer' | 'long' | 'number' | 'time' | 'timeUs';
/** Columns in their order, and what each one holds. */
export type Columns = Readonly<Record<string, CellKind>>;

/** What a streamed answer is made of: batches of rows, in tables written in the columns' order. */
export interface RowStream<R extends object> {
  readonly columns: Columns;
  readonly cellsOf: (row: R) => Cells;
  readonly batches: AsyncIterator<readonly R[]>;
}

/** Lists are joined by `;`. */
export function cellText(value: Exclude<Cell, null>): string {
  return typeof value === 'object' ? value.join(';') : String(value);
}

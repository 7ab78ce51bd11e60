import { listValue, type DuckDBValue } from '@duckdb/node-api';

/** Conditions of a query, and the values that they name. */
export class Filter {
  readonly values: DuckDBValue[] = [];
  private readonly conditions: string[] = [];

  get sql(): string {
    return `WHERE ${this.conditions.join(' AND ')}`;
  }

  where(...conditions: readonly string[]): this {
    this.conditions.push(...conditions);
    return this;
  }

  /** Nothing when the list is absent. */
  among(column: string, texts: readonly string[] | undefined): this {
    if (texts === undefined) return this;
    // DuckDB binds no empty list.
    if (texts.length === 0) return this.where('false');
    return this.where(`${column} IN (SELECT unnest(${this.value(listValue([...texts]))}::VARCHAR[]))`);
  }

  /** The place of a value in the SQL. */
  value(value: DuckDBValue): string {
    return `$${this.values.push(value)}`;
  }
}

/** A name as InfluxQL quotes it. */
export function quoted(name: string): string {
  return `"${escaped(name).replaceAll('"', String.raw`\"`)}"`;
}

/** A text as InfluxQL quotes it. */
export function text(value: string): string {
  return `'${escaped(value).replaceAll("'", String.raw`\'`)}'`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', String.raw`\n`);
}

/** That a tag or field has one of the texts: no condition when they are absent, none fulfils it when they are empty. */
export function anyOf(name: string, texts: readonly string[] | undefined): string[] {
  if (texts === undefined) return [];
  // No tag or text of ours is empty.
  const wanted = texts.length === 0 ? [''] : texts;
  return [`(${wanted.map((one) => `${quoted(name)} = ${text(one)}`).join(' OR ')})`];
}

/** One `SELECT`. Times are epoch milliseconds. */
export interface Selection {
  /** Field names, or all there are. */
  readonly fields: readonly string[] | 'all';
  readonly from: string;
  /** Inclusive. */
  readonly since?: number;
  /** Exclusive. */
  readonly until?: number;
  readonly where?: readonly string[];
  readonly groupBy?: string;
  /** Ascending unless told. */
  readonly latestFirst?: boolean;
  readonly limit?: number;
}

/** Reading times that InfluxDB can hold lie within; it keeps nanoseconds in 64 bits. */
const timeMax = 9_223_372_036_000;

/** The statement's text. */
export function select(selection: Selection): string {
  const { fields } = selection;
  return statement(fields === 'all' ? '*' : fields.map(quoted).join(','), selection);
}

/** Time and value of the last or first point of a field. */
export function edge(
  which: 'LAST' | 'FIRST',
  field: string,
  selection: Pick<Selection, 'from' | 'since' | 'until'>,
): string {
  return statement(`${which}(${quoted(field)})`, selection);
}

function statement(what: string, selection: Omit<Selection, 'fields'>): string {
  const { from, since, until, where = [], groupBy, latestFirst, limit } = selection;
  const conditions = [
    ...where,
    ...(since === undefined ? [] : [`time >= ${bounded(since)}ms`]),
    ...(until === undefined ? [] : [`time < ${bounded(until)}ms`]),
  ];
  return [
    `SELECT ${what} FROM ${quoted(from)}`,
    conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`,
    groupBy === undefined ? '' : ` GROUP BY ${quoted(groupBy)}`,
    latestFirst === true ? ' ORDER BY time DESC' : '',
    limit === undefined ? '' : ` LIMIT ${limit}`,
  ].join('');
}

function bounded(time: number): number {
  return Math.max(-timeMax, Math.min(timeMax, Math.floor(time)));
}

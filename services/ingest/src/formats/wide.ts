import type { NumberTexts } from '@songma/domain';
import type { PushDraft, SentValue } from '../push-draft.ts';
import { malformed, type Refusal } from '../refusals.ts';
import type { FoundSource } from '../sources.ts';
import type { FormatSource } from './format.ts';
import { isRefusal, valueIn } from './numbers.ts';

/** Names of the column that has the time of all others, in lower case. */
const timeNames: ReadonlySet<string> = new Set(['time', 'timestamp', 'thời gian']);
const statusName = 'status';

/** The columns of a table that has one for each meter. */
export interface WideColumns {
  readonly time: string;
  /** Of all values of the row. */
  readonly status: string | undefined;
}

const folded = (name: string) => name.normalize('NFC').trim().toLowerCase();

/**
 * What the columns are of a table that has one for each meter; undefined for one that names its meters, or has no time.
 */
export function wideColumnsOf(names: readonly string[]): WideColumns | undefined {
  const known = new Map(names.map((name) => [folded(name), name]));
  if (known.has('meter') || known.has('value')) return undefined;
  const time = [...timeNames].map((name) => known.get(name)).find((name) => name !== undefined);
  return time === undefined || names.length < 2 ? undefined : { time, status: known.get(statusName) };
}

/** One value of a row. */
export interface WideCell {
  readonly column: string;
  /** Undefined, null and empty: there is none. */
  readonly value: unknown;
}

/**
 * Takes the rows of a table that has a column for each meter: each value is a reading, of the meter that the source
 * mappings name for its column. An empty cell is none, unless the row says that its devices are at fault or calibrating.
 */
export class WideRows {
  readonly #source: FormatSource;
  readonly #draft: PushDraft;
  readonly #numbers: NumberTexts;
  readonly #found = new Map<string, FoundSource>();

  constructor(source: FormatSource, draft: PushDraft, numbers: NumberTexts) {
    this.#source = source;
    this.#draft = draft;
    this.#numbers = numbers;
  }

  /** @param rawOf the row with this one cell, as text of the format */
  take(
    time: string,
    status: string | undefined,
    cells: Iterable<WideCell>,
    rawOf: (cell: WideCell) => string,
  ): void {
    const draft = this.#draft;
    const isSilent = status === undefined || status === 'measured';
    for (const cell of cells) {
      const { column, value } = cell;
      const isEmpty = value === undefined || value === null || value === '';
      if (isEmpty && isSilent) continue;
      const found = this.#foundOf(column);
      if (found.kind === 'ignored') continue;
      const row = draft.nextRow();
      const why = found.kind === 'refused' ? found.refusal : this.#takeCell(found, row, value, time, status);
      if (why !== undefined) draft.refuse(row, why, rawOf(cell).slice(0, this.#source.lineMax));
    }
  }

  /** A row that cannot be read at all. */
  refuse(why: Refusal, raw: string): void {
    this.#draft.refuse(this.#draft.nextRow(), why, raw.slice(0, this.#source.lineMax));
  }

  #takeCell(
    found: FoundSource & { readonly kind: 'meter' },
    row: number,
    value: unknown,
    time: string,
    status: string | undefined,
  ): Refusal | undefined {
    if (time === '') return malformed('field_missing', { field: 'time' });
    let sent: SentValue = Number.NaN;
    if (typeof value === 'number') sent = value;
    else if (value === undefined || value === null) sent = undefined;
    else if (typeof value === 'string') {
      const read = valueIn(this.#numbers, value.trim(), found.meter.id);
      if (isRefusal(read)) return read;
      sent = read;
    }
    return this.#draft.takeOf(found.meter, row, sent, value, found.unit, time, status ?? found.status);
  }

  #foundOf(column: string): FoundSource {
    let found = this.#found.get(column);
    if (found === undefined) {
      found = this.#source.sources.find('table', new Map([['column', column.normalize('NFC')]]));
      this.#found.set(column, found);
    }
    return found;
  }
}

import {
  NumberTexts,
  belowDetectionIn,
  createFileStampReader,
  intervalOf,
  parseStamp,
  printedTime,
  stampPattern,
  storedTime,
  timeZone,
  type Bilingual,
  type Meter,
  type NumberConvention,
  type Stamp,
} from '@songma/domain';
import type { PushRow } from '@songma/client';
import type { MappedColumn, Mapping } from './mapping.ts';
import { saysNothing, shown, statusIn, valueOf } from './cells.ts';
import type { Cell, Table, TableRow } from './table.ts';
import { UsageError } from './usage-error.ts';

/** What of a meter tells how it reads the stamps that it is sent. */
export type FileMeter = Pick<Meter, 'time' | 'kind' | 'intervalMs' | 'interval'>;

/** What of a file is not sent, and why. The header of most files is line 1. */
export interface UnreadPart {
  readonly line: number;
  /** Absent when it is the whole row. */
  readonly column?: string;
  readonly problem: Bilingual;
}

export interface FileRows {
  readonly rows: readonly PushRow[];
  readonly unread: readonly UnreadPart[];
  /** How numbers that are text were read; undefined when none of them tells. */
  readonly numbers: NumberConvention | undefined;
}

interface Column extends MappedColumn {
  readonly name: string;
  readonly place: number;
  readonly numbers: NumberTexts;
  /** Of the column that tells the status. */
  readonly statusPlace: number | undefined;
  values: number;
  unread: number;
}

const dayMs = 86_400_000;
/** Day 0 of a workbook: a time of day is kept as a part of it. */
const workbookEpoch = Date.UTC(1899, 11, 30);

/**
 * The readings of a file: one per mapped column and row that has a value (an empty cell is no reading). Stamps leave
 * as ISO 8601 with offset, in the convention that the meter is registered with. What cannot be read is named, and the
 * rest goes on.
 * @throws UsageError when a column is absent or twice there, or when nothing of one can be read: then the mapping is
 * wrong rather than the file
 */
export function readRows(
  path: string,
  table: Table,
  mapping: Mapping,
  meters: ReadonlyMap<string, FileMeter>,
): FileRows {
  const { time, decimal } = mapping;
  const timeColumns = typeof time.column === 'string' ? [time.column] : time.column;
  const ofStatus = Array.from(mapping.columns.values(), ({ status }) => status ?? []).flat();
  const names = [...timeColumns, ...mapping.columns.keys(), ...ofStatus];
  const places = placesOf(path, table.header, names);
  const timePlaces = timeColumns.map((name) => places.get(name)!);

  const texts = (isDeclared: boolean) =>
    function* () {
      for (const { cells } of table.rows) {
        for (const column of columns) {
          const cell = cells[column.place];
          if (typeof cell === 'string' && (column.decimalComma === true) === isDeclared)
            yield belowDetectionIn(cell) ?? cell;
        }
      }
    };
  const shared = new NumberTexts({ declared: decimal, assumed: ['dot'], all: texts(false) });
  const withComma = new NumberTexts({ declared: 'comma', assumed: [], all: texts(true) });
  const columns = [...mapping.columns].map(([name, mapped]): Column => ({
    ...mapped,
    name,
    place: places.get(name)!,
    numbers: mapped.decimalComma === true ? withComma : shared,
    statusPlace: mapped.status === undefined ? undefined : places.get(mapped.status)!,
    values: 0,
    unread: 0,
  }));

  const parse = stampParser(mapping);
  const printedIn = ({ cells }: TableRow) => timePlaces.map((place) => cells[place] ?? '');
  const instantOf = createFileStampReader(
    time,
    isNewestFirst(table.rows, (row) => parse(printedIn(row))),
  );
  const rows: PushRow[] = [];
  const unread: UnreadPart[] = table.broken.map(({ line, problem }) => ({ line, problem }));
  let stamps = 0;
  for (const row of table.rows) {
    const { line, cells } = row;
    const printed = printedIn(row);
    if (printed.every((cell) => cell === '') && columns.every(({ place }) => (cells[place] ?? '') === ''))
      continue;
    const instant = instantOf(parse(printed));
    if (instant === undefined) {
      const text = printed.map(shown).join(' ');
      const problem = {
        en: `"${text}" is no time like ${time.format} that the clock of ${time.zone} shows`,
        vi: `"${text}" không phải thời điểm dạng ${time.format} có trên đồng hồ của ${time.zone}`,
      };
      unread.push({ line, column: timeColumns.join(' and '), problem });
      continue;
    }
    stamps++;
    for (const column of columns) {
      const cell = cells[column.place] ?? '';
      const status = statusIn(column.statusPlace === undefined ? '' : (cells[column.statusPlace] ?? ''));
      const isStatusAlone = status === 'calibrating' || status === 'fault';
      if (cell === '' && !isStatusAlone) continue;
      column.values++;
      const value = isStatusAlone && saysNothing(cell) ? undefined : valueOf(cell, column.numbers);
      if (typeof value === 'object' || typeof status === 'object') {
        column.unread++;
        const { problem } = (typeof status === 'object' ? status : value) as { problem: Bilingual };
        unread.push({ line, column: column.name, problem });
        continue;
      }
      rows.push({
        meter: column.meter,
        time: stampFor(meters.get(column.meter), instant, time),
        ...(value === undefined ? {} : { value }),
        ...(column.unit === undefined ? {} : { unit: column.unit }),
        ...(status === undefined || status === 'measured' ? {} : { status }),
      });
    }
  }
  if (stamps === 0) throw nothingRead(path, unread, { en: 'its stamps', vi: 'cột thời gian' });
  for (const { name, values, unread: lost } of columns) {
    if (values > 0 && lost === values) {
      throw nothingRead(
        path,
        unread.filter(({ column }) => column === name),
        { en: `column "${name}"`, vi: `cột "${name}"` },
      );
    }
  }
  unread.sort((a, b) => a.line - b.line);
  return { rows, unread, numbers: shared.convention };
}

/** Where the columns are. @throws UsageError */
function placesOf(path: string, header: readonly string[], names: readonly string[]): Map<string, number> {
  const absent = names.filter((name) => !header.includes(name));
  if (absent.length > 0) {
    const named = absent.map((name) => `"${name}"`).join(', ');
    const there = header.join(', ');
    throw new UsageError({
      en: `${path} has no column ${named}; its header is: ${there}`,
      vi: `${path} không có cột ${named}; dòng tiêu đề là: ${there}`,
    });
  }
  const places = new Map<string, number>();
  for (const name of names) {
    const first = header.indexOf(name);
    const second = header.indexOf(name, first + 1);
    if (second !== -1) {
      throw new UsageError({
        en: `${path} has two columns named "${name}", number ${first + 1} and number ${second + 1}: rename one`,
        vi: `${path} có hai cột tên "${name}", cột thứ ${first + 1} và thứ ${second + 1}: hãy đổi tên một cột`,
      });
    }
    places.set(name, first);
  }
  return places;
}

function nothingRead(path: string, unread: readonly UnreadPart[], what: Bilingual): UsageError {
  const [first] = unread;
  if (first === undefined) {
    return new UsageError({
      en: `${path} has no rows under its header`,
      vi: `${path} không có dòng nào dưới tiêu đề`,
    });
  }
  const { line, problem } = first;
  return new UsageError({
    en: `${path}: nothing of ${what.en} can be read. Line ${line}: ${problem.en}. Is the mapping right?`,
    vi: `${path}: không đọc được gì ở ${what.vi}. Dòng ${line}: ${problem.vi}. Tệp ánh xạ có đúng không?`,
  });
}

/** Takes apart what the cells of the stamp's columns print. @throws UsageError */
function stampParser({ time }: Mapping): (printed: readonly Cell[]) => Stamp | undefined {
  const pattern = stampPattern(time.format);
  if (!pattern.ok) {
    const text = `time.format: ${pattern.problem}`;
    throw new UsageError({ en: text, vi: text });
  }
  return ([first = '', second]) => {
    if (second === undefined) {
      return typeof first === 'object' ? stampAt(first.localMs) : pattern.parse(shown(first));
    }
    if (typeof first !== 'object') return pattern.parse(`${shown(first)} ${shown(second)}`);
    // A date of a workbook, with a time of day that is one too or text.
    const date = Math.floor(first.localMs / dayMs) * dayMs;
    if (typeof second !== 'object') return parseStamp(`${dateText(date)} ${clockText(shown(second))}`);
    const sinceEpoch = second.localMs - workbookEpoch;
    const isHour24 = sinceEpoch === dayMs;
    return { ...stampAt(date + (isHour24 ? dayMs : sinceEpoch % dayMs)), isHour24 };
  };
}

/** Whether the first row is newer than the last, by the clock that printed them. */
function isNewestFirst(rows: Table['rows'], stampIn: (row: TableRow) => Stamp | undefined): boolean {
  const first = rows.find((row) => stampIn(row) !== undefined);
  const last = rows.findLast((row) => stampIn(row) !== undefined);
  return first !== undefined && last !== undefined && stampIn(first)!.local > stampIn(last)!.local;
}

function stampAt(local: number): Stamp {
  return { local, offsetMs: undefined, isHour24: false };
}

function clockText(text: string): string {
  return /^\d:/.test(text) ? `0${text}` : text;
}

function dateText(local: number): string {
  return new Date(local).toISOString().slice(0, 10);
}

/** What the meter's logger would have printed, with the offset of the file's clock. */
function stampFor(meter: FileMeter | undefined, printed: number, file: Mapping['time']): string {
  let instant = printed;
  if (meter !== undefined) {
    const { time, kind } = meter;
    const interval = intervalOf(meter);
    instant = printedTime(time, interval, kind, storedTime(file, interval, kind, printed));
  }
  const offsetMs = timeZone(file.zone).offsetAt(instant);
  const local = new Date(instant + offsetMs).toISOString();
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const two = (part: number) => String(part).padStart(2, '0');
  const sign = offsetMs < 0 ? '-' : '+';
  return `${local.replace(/(?:\.000)?Z$/, '')}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

import { cellText, type Cell, type CellKind, type Cells, type Columns } from './cells.ts';
import type { AnswerForm } from './formats.ts';
import { localStamp } from './local-stamp.ts';
import { floatText } from './float-text.ts';

/** How the lines of one CSV are written. */
export interface Csv {
  readonly header: string;
  readonly columns: readonly (readonly [name: string, kind: CellKind])[];
  readonly separator: ',' | ';';
  readonly isVietnamese: boolean;
}

/** Spreadsheets take a text file for UTF-8 only with a byte order mark. */
const byteOrderMark = '\ufeff';

/** @see RFC 4180, and for `vi` what Excel opens where Windows is set to Vietnamese */
export function csvOf(columns: Columns, locale: AnswerForm['locale']): Csv {
  const isVietnamese = locale === 'vi';
  const separator = isVietnamese ? ';' : ',';
  return {
    header: `${isVietnamese ? byteOrderMark : ''}${Object.keys(columns).join(separator)}\r\n`,
    columns: Object.entries(columns),
    separator,
    isVietnamese,
  };
}

export function csvLine(csv: Csv, cells: Cells): string {
  const fields = csv.columns.map(([name, kind]) => csvField(csv, kind, cells[name] ?? null));
  return `${fields.join(csv.separator)}\r\n`;
}

/** Null is empty. */
function csvField({ isVietnamese, separator }: Csv, kind: CellKind, cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') {
    const text = kind === 'number' ? floatText(cell) : String(cell);
    return isVietnamese ? text.replace('.', ',') : text;
  }
  if (kind === 'time' && isVietnamese) return localStamp(String(cell));
  const text = kind === 'text' ? harmlessText(cellText(cell)) : cellText(cell);
  const isPlain = !text.includes(separator) && !/["\r\n]/.test(text);
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}

/**
 * Text that a spreadsheet would compute is led by an apostrophe: what a plant has named `=HYPERLINK(…)` must not act
 * where an officer opens it.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function harmlessText(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}

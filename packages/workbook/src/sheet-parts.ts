import type { WorkbookBounds } from './archive.ts';
import { WorkbookFault } from './workbook-fault.ts';

/** A rectangle of cells, from 0, its ends inclusive. */
export interface CellRange {
  /** As the workbook writes it: `A1:C1`. */
  readonly address: string;
  readonly firstRow: number;
  readonly lastRow: number;
  readonly firstColumn: number;
  readonly lastColumn: number;
}

/** What every sheet of the format has at most. */
const rowsMax = 1_048_576;
const columnsMax = 16_384;

const placed = /<(?:[\w.-]+:)?(c|row)(?=[\s/>])([^>]*)>/g;
const placeOf = /(?:^|\s)r\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const addressPattern = /^([A-Za-z]{0,3})(\d{1,7})$/;

/**
 * Looks through a sheet for where its cells say that they are: readers fill the room before them, so that one cell far
 * out would take the memory of millions.
 * @throws WorkbookFault
 */
export function checkCells(sheet: string, { cellsMax }: Pick<WorkbookBounds, 'cellsMax'>): void {
  let rows = 0;
  let columns = 0;
  for (const [tag, kind, attributes = ''] of sheet.matchAll(placed)) {
    const places = [...attributes.matchAll(placeOf)];
    const address = places[0]?.[1] ?? places[0]?.[2];
    if (places.length > 1 || (kind === 'c' && address === undefined)) {
      throw new WorkbookFault('workbook_cell_unreadable', { address: tag.slice(0, 40) });
    }
    if (address === undefined) continue;
    const [, letters = '', digits = ''] = addressPattern.exec(address) ?? [];
    const row = Number(digits);
    const column = columnOf(letters);
    const isOfKind = kind === 'c' ? letters !== '' : letters === '';
    if (!isOfKind || !(row >= 1 && row <= rowsMax) || column > columnsMax) {
      throw new WorkbookFault('workbook_cell_unreadable', { address: address.slice(0, 40) });
    }
    // What has no value is not kept.
    if (kind === 'c' && !tag.endsWith('/>')) {
      rows = Math.max(rows, row);
      columns = Math.max(columns, column);
    }
  }
  if (rows * columns > cellsMax) {
    throw new WorkbookFault('workbook_cells_too_many', { rows, columns, limit: cellsMax });
  }
}

/** A is 1; no letters are 0. */
function columnOf(letters: string): number {
  return letters
    .toUpperCase()
    .split('')
    .reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}

/** The cells that the sheet shows as one. */
export function mergedCells(sheet: string): CellRange[] {
  const ranges: CellRange[] = [];
  for (const [, address = ''] of sheet.matchAll(
    /<(?:[\w.-]+:)?mergeCell\s[^>]*?ref\s*=\s*["']([^"']+)["']/g,
  )) {
    const [from = '', to = from] = address.split(':');
    const [, firstLetters, firstDigits] = addressPattern.exec(from) ?? [];
    const [, lastLetters, lastDigits] = addressPattern.exec(to) ?? [];
    if (firstLetters === undefined || lastLetters === undefined) continue;
    ranges.push({
      address,
      firstRow: Number(firstDigits) - 1,
      lastRow: Number(lastDigits) - 1,
      firstColumn: columnOf(firstLetters) - 1,
      lastColumn: columnOf(lastLetters) - 1,
    });
  }
  return ranges;
}

/** Names of the parts that are sheets. */
export function sheetNames(parts: Iterable<string>): string[] {
  return [...parts].filter((name) => /^xl\/worksheets\/[^/]+\.xml$/i.test(name));
}

/**
 * The part of a sheet, by its name or its place from 1, as the workbook lists it; undefined where it cannot be told.
 * @param text gives a part of the archive
 */
export function partOfSheet(
  text: (name: string) => string | undefined,
  sheet: string | number,
): string | undefined {
  const listed = [...(text('xl/workbook.xml') ?? '').matchAll(/<(?:[\w.-]+:)?sheet\s([^>]*)>/g)].map(
    ([, attributes = '']) => ({
      name: attribute(attributes, 'name'),
      relation: attribute(attributes, '[\\w.-]+:id'),
    }),
  );
  const wanted = typeof sheet === 'number' ? listed[sheet - 1] : listed.find(({ name }) => name === sheet);
  if (wanted?.relation === undefined) return undefined;
  for (const [, attributes = ''] of (text('xl/_rels/workbook.xml.rels') ?? '').matchAll(
    /<Relationship\s([^>]*)>/g,
  )) {
    if (attribute(attributes, 'Id') !== wanted.relation) continue;
    const target = attribute(attributes, 'Target') ?? '';
    return target.startsWith('/') ? target.slice(1) : `xl/${target}`;
  }
  return undefined;
}

const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function attribute(attributes: string, name: string): string | undefined {
  const [, quoted, single] =
    new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes) ?? [];
  return (quoted ?? single)?.replace(/&(\w+);/g, (whole, entity: string) => entities.get(entity) ?? whole);
}

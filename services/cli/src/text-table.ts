import { isUtf8 } from 'node:buffer';
import type { Bilingual } from '@songma/domain';
import { parse } from 'csv-parse/sync';
import type { Mapping } from './mapping.ts';
import { headerText, type BrokenRow, type Table, type TableRow } from './table.ts';
import { UsageError } from './usage-error.ts';

/** Lines looked through for a header that is named by a pattern. */
const preambleLinesMax = 10_000;

/** Most lines of a header with quoted cells that span lines. */
const headerLinesMax = 20;

/** Longest row, characters. */
const rowCharactersMax = 1024 * 1024;

/**
 * Rows of a text file under its header, each a line. One with more cells than the header or with quotes that do not
 * match is broken by itself; one with fewer lacks its last cells. A file of Campbell loggers (TOA5) is known by its first line.
 */
export function readText(path: string, content: Buffer, mapping: Mapping): Table {
  const text = decoded(path, content);
  const lines = linesFrom(text, preambleMax(mapping));
  const isToa5 = /^"?TOA5"?[,;\t]/.test(lines[0]?.text ?? '');
  const above = linesAbove(path, lines, mapping.preamble ?? (isToa5 ? 1 : 0));
  const between = mapping.afterHeader ?? (isToa5 ? 2 : 0);
  const start = lines[above]?.start ?? text.length;

  const head = headerFrom(text, start);
  const header = cellsOf(head.text, mapping.delimiter)?.map(headerText);
  if (header === undefined) {
    throw new UsageError({
      en: `${path} has no header${above > 0 ? ` after line ${above}` : ''}`,
      vi: `${path} không có dòng tiêu đề${above > 0 ? ` sau dòng ${above}` : ''}`,
    });
  }
  const broken: BrokenRow[] = [];
  const rows: TableRow[] = [];
  let line = above + head.lines;
  let left = between;
  for (let at = head.end; at < text.length;) {
    const end = text.indexOf('\n', at);
    const row = text.slice(at, end === -1 ? text.length : end).replace(/\r$/, '');
    at = end === -1 ? text.length : end + 1;
    line++;
    if (row.trim() === '') continue;
    if (left-- > 0) continue;
    const read = rowOf(row, header, mapping.delimiter, end === -1);
    if ('en' in read) broken.push({ line, problem: read });
    else rows.push({ line, cells: read });
  }
  return { header, rows, broken };
}

/** The cells of a row, or what is wrong with it. */
function rowOf(
  row: string,
  header: readonly string[],
  delimiter: string,
  isCutOff: boolean,
): readonly string[] | Bilingual {
  if (row.length > rowCharactersMax) {
    return {
      en: `it has more than ${rowCharactersMax} characters`,
      vi: `dòng dài quá ${rowCharactersMax} ký tự`,
    };
  }
  const cells = cellsOf(row, delimiter);
  if (cells === undefined) return { en: 'its quotes do not match', vi: 'dấu ngoặc kép không khớp' };
  if (cells.slice(header.length).some((cell) => cell !== '')) {
    return {
      en: `it has ${cells.length} cells and the header ${header.length}: a comma in a number without quotes, or another delimiter?`,
      vi: `dòng có ${cells.length} ô còn tiêu đề có ${header.length}: số có dấu phẩy mà không có ngoặc kép, hay dấu phân cách khác?`,
    };
  }
  if (cells.length < header.length && isCutOff) {
    return { en: 'the file ends in the middle of it', vi: 'tệp bị cắt giữa dòng này' };
  }
  return cells;
}

/** UTF-8, or UTF-16 with its mark, as spreadsheets save "Unicode text". @throws UsageError */
function decoded(path: string, content: Buffer): string {
  if (content[0] === 0xff && content[1] === 0xfe) return content.subarray(2).toString('utf16le');
  if (content[0] === 0xfe && content[1] === 0xff) {
    throw new UsageError({
      en: `${path} is big-endian UTF-16: save it as UTF-8`,
      vi: `${path} là UTF-16 big-endian: hãy lưu dạng UTF-8`,
    });
  }
  if (!isUtf8(content)) {
    throw new UsageError({
      en: `${path} is not UTF-8: save it as "CSV UTF-8"`,
      vi: `${path} không phải UTF-8: hãy lưu dạng "CSV UTF-8"`,
    });
  }
  const text = content.toString('utf8');
  if (text.includes('\0')) {
    throw new UsageError({ en: `${path} is not a text file`, vi: `${path} không phải tệp văn bản` });
  }
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function preambleMax({ preamble = 1 }: Mapping): number {
  return typeof preamble === 'number' ? preamble + 1 : preambleLinesMax;
}

interface Line {
  readonly text: string;
  readonly start: number;
}

function linesFrom(text: string, linesMax: number): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < text.length && lines.length < linesMax;) {
    const end = text.indexOf('\n', start);
    lines.push({ text: text.slice(start, end === -1 ? text.length : end).replace(/\r$/, ''), start });
    start = end === -1 ? text.length : end + 1;
  }
  return lines;
}

function linesAbove(path: string, lines: readonly Line[], preamble: number | string): number {
  if (typeof preamble === 'number') return preamble;
  const header = new RegExp(preamble);
  const found = lines.findIndex(({ text }) => header.test(text.normalize('NFC')));
  if (found === -1) {
    throw new UsageError({
      en: `${path} has no line that matches the preamble's end, /${preamble}/, in ${lines.length}`,
      vi: `${path} không có dòng nào khớp /${preamble}/ trong ${lines.length} dòng đầu`,
    });
  }
  return found;
}

/** The header's text: a cell of it in quotes may span lines, which those of rows may not, so that none takes others with it. */
function headerFrom(text: string, start: number): { text: string; lines: number; end: number } {
  let end = start;
  let lines = 0;
  let header = '';
  do {
    const next = text.indexOf('\n', end);
    end = next === -1 ? text.length : next + 1;
    lines++;
    header = text.slice(start, end).trim();
    // Blank lines before it are none of it.
  } while (
    end < text.length &&
    lines < headerLinesMax &&
    (header === '' || header.split('"').length % 2 === 0)
  );
  return { text: header, lines, end };
}

/** The cells of one line; undefined when it has none, or its quotes do not match. */
function cellsOf(line: string, delimiter: string): string[] | undefined {
  // Without quotes there is nothing that splitting gets wrong, at a hundredth of the cost.
  if (!line.includes('"')) return line === '' ? undefined : line.split(delimiter).map((cell) => cell.trim());
  try {
    return parse(line, { delimiter, relax_column_count: true, trim: true })[0];
  } catch {
    return undefined;
  }
}

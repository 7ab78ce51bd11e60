import type { PushDraft } from '../push-draft.ts';
import { malformed, type Refusal } from '../refusals.ts';

/** A byte order mark is no part of the text. */
export function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/**
 * Gives each line that is not blank to `check`, as a row of its own. What `check` answers
 * is why the row is not taken. A line that is too long is refused without being looked at. Others may have their turn
 * where it yields.
 */
export function* checkLines(
  text: string,
  draft: PushDraft,
  lineMax: number,
  check: (line: string, row: number) => Refusal | undefined,
): Generator<void, void> {
  for (const line of linesOf(text)) {
    const row = draft.nextRow();
    if (draft.isPauseAt(row)) yield;
    const why = line.length > lineMax ? malformed('line_too_long', { limit: lineMax }) : check(line, row);
    if (why !== undefined) draft.refuse(row, why, line.slice(0, lineMax));
  }
}

/** Each line that is not blank; LF and CRLF end lines alike. */
export function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    let end = text.indexOf('\n', start);
    if (end === -1) end = text.length;
    const line = text.slice(start, text.charCodeAt(end - 1) === 13 ? end - 1 : end);
    start = end + 1;
    if (line.trim() !== '') yield line;
  }
}

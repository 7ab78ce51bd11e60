const equalsSign = 61;
const lineEnd = 10;
const carriageReturn = 13;
const space = 32;
const minus = 45;
const hash = 35;

/** Some lines of a body. */
export interface LinePortion {
  readonly body: Buffer;
  /** Each line says of which time it is: sent again it says the same. */
  readonly isStamped: boolean;
}

/**
 * Cuts line protocol at ends of lines into bodies of at most so many values each, so that a client may send more in one
 * request than one push can have. Counted are the signs between keys and values, which tags have too: never too few.
 * Nothing for a body without lines.
 */
export function* linePortions(body: Buffer, valuesMax: number): Generator<LinePortion> {
  let from = 0;
  let end = 0;
  let values = 0;
  let isStamped = true;
  let equals = body.indexOf(equalsSign);
  let lines = 0;
  while (end < body.length) {
    const next = body.indexOf(lineEnd, end);
    const after = next === -1 ? body.length : next + 1;
    let ofLine = 0;
    while (equals !== -1 && equals < after) {
      ofLine++;
      equals = body.indexOf(equalsSign, equals + 1);
    }
    const stamp = stampOfLine(body, end, after);
    if (stamp !== undefined) {
      lines++;
      // What cannot be read is a row too.
      ofLine = Math.max(1, ofLine);
    }
    if (values + ofLine > valuesMax && lines > 1) {
      yield { body: body.subarray(from, end), isStamped };
      from = end;
      values = 0;
      isStamped = true;
      lines = 1;
    }
    isStamped &&= stamp !== false;
    values += ofLine;
    end = after;
  }
  if (lines > 0) yield { body: body.subarray(from), isStamped };
}

/** Whether the last word of a line is a whole number; undefined for a line that says nothing. */
function stampOfLine(body: Buffer, from: number, to: number): boolean | undefined {
  let start = from;
  let end = to;
  while (end > start && isBlank(body[end - 1]!)) end--;
  while (start < end && isBlank(body[start]!)) start++;
  if (start === end || body[start] === hash) return undefined;
  let at = end - 1;
  while (at > start && body[at]! >= 48 && body[at]! <= 57) at--;
  if (at === end - 1) return false;
  if (body[at] === minus) at--;
  return body[at] === space;
}

function isBlank(byte: number): boolean {
  return byte === space || byte === lineEnd || byte === carriageReturn || byte === 9;
}

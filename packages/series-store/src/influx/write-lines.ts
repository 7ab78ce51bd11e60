import type { ContentRefusal, InfluxConnection, Precision } from './connection.ts';

/** Largest request; InfluxDB recommends a few megabytes. */
const requestBytesMax = 4_000_000;
const requestLinesMax = 10_000;

/** A line that the server did not store, with its words. */
export interface RefusedLine {
  readonly line: string;
  readonly problem: string;
}

/**
 * Writes lines, in their order, in requests of bounded size, one after the other.
 *
 * Where the server refuses content, everything else is stored, and what it refused is given: single lines, and of a
 * line with several fields only those that are to blame. The lines must be such that writing one in parts is as good.
 * @throws UnavailableError; then any part of the lines may be stored
 */
export async function writeLines(
  connection: InfluxConnection,
  lines: readonly string[],
  precision: Precision = 'ms',
): Promise<RefusedLine[]> {
  const refused: RefusedLine[] = [];
  for (let from = 0; from < lines.length;) {
    let bytes = 0;
    let to = from;
    while (to < lines.length && to - from < requestLinesMax) {
      // Ids are ASCII; other texts may be longer in UTF-8, which the bound does not need to know exactly.
      bytes += lines[to]!.length + 1;
      if (bytes > requestBytesMax && to > from) break;
      to++;
    }
    const some = lines.slice(from, to);
    const refusal = await connection.write(some.join('\n'), precision);
    if (refusal !== null) await writeRefused(connection, some, precision, refusal, refused);
    from = to;
  }
  return refused;
}

/** Lines must be written without refusal: they are of our own making, so one is a bug or a bucket that is not ours. */
export async function writeOwnLines(
  connection: InfluxConnection,
  lines: readonly string[],
  precision: Precision = 'ms',
): Promise<void> {
  const [refused] = await writeLines(connection, lines, precision);
  if (refused !== undefined) {
    throw new Error(
      `InfluxDB refuses a line of the store's own: ${refused.problem}; ${refused.line.slice(0, 200)}`,
    );
  }
}

/** Finds what is refused among lines of which the server has stored none (400, 413) or a part (422). */
async function writeRefused(
  connection: InfluxConnection,
  lines: readonly string[],
  precision: Precision,
  refusal: ContentRefusal,
  refused: RefusedLine[],
): Promise<void> {
  if (refusal.status === 422 && droppedCount(refusal.message) === 0) return;
  const parts = splitForRefusal(lines, refusal);
  if (parts === null) {
    for (const line of lines) refused.push({ line, problem: refusal.message });
    return;
  }
  for (const part of parts) {
    if (part.length === 0) continue;
    const again = await connection.write(part.join('\n'), precision);
    if (again !== null) await writeRefused(connection, part, precision, again, refused);
  }
}

/** Smaller groups of the lines to try, or null when all of them are to be given up. */
function splitForRefusal(lines: readonly string[], refusal: ContentRefusal): string[][] | null {
  if (refusal.status === 422) {
    const isAll = droppedCount(refusal.message) === lines.length;
    const field = /input field "([^"]+)"/.exec(refusal.message)?.[1];
    if (field === undefined) {
      if (isAll) return null;
    } else {
      const [withField, without] = splitByField(lines, field);
      // With the field alone in its lines, the server's count says whether all of them are refused.
      if (without.length > 0 && withField.length > 0) return [without, withField];
      if (isAll && lines.every(hasOneField)) return null;
    }
  }
  if (lines.length > 1) {
    const middle = lines.length >> 1;
    return [lines.slice(0, middle), lines.slice(middle)];
  }
  const fields = partsOf(lines[0]!);
  return fields.length > 1 ? fields.map((part) => [part]) : null;
}

function droppedCount(message: string): number | undefined {
  const found = /dropped[= ](\d+)/.exec(message)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** The lines reduced to a field, and what else they have. */
function splitByField(lines: readonly string[], field: string): [string[], string[]] {
  const withField: string[] = [];
  const without: string[] = [];
  for (const line of lines) {
    const rest: string[] = [];
    for (const part of partsOf(line)) {
      if (part.split(' ')[1]!.startsWith(`${field}=`)) withField.push(part);
      else rest.push(part);
    }
    if (rest.length > 0) without.push(joined(rest));
  }
  return [withField, without];
}

function hasOneField(line: string): boolean {
  return partsOf(line).length === 1;
}

/** A line per field of a line: `measurement field=value,field=value time`, without strings that hold a comma. */
function partsOf(line: string): string[] {
  const [measurement = '', fields = '', time = ''] = line.split(' ');
  if (line.includes('"')) return [line];
  return fields.split(',').map((field) => `${measurement} ${field} ${time}`);
}

/** The reverse of {@link partsOf}. */
function joined(parts: readonly string[]): string {
  const [measurement = '', , time = ''] = parts[0]!.split(' ');
  return `${measurement} ${parts.map((part) => part.split(' ')[1]!).join(',')} ${time}`;
}

import { isUtf8 } from 'node:buffer';
import type { PushDraft, SentValue } from '../push-draft.ts';
import { malformed, quoted, refusal, type Refusal } from '../refusals.ts';
import type { FoundSource, PushSources } from '../sources.ts';
import type { Format, FormatReading, FormatSource } from './format.ts';
import {
  partLine,
  precisions,
  readHead,
  readValue,
  stampMs,
  stampOf,
  unescaped,
  type FieldValue,
  type LineParts,
  type LineProblem,
  type Precision,
} from './line-protocol-syntax.ts';
import { linesOf, withoutMark } from './lines.ts';
import { isRefusal, numbersOf, valueIn } from './numbers.ts';

/**
 * InfluxDB's line protocol. Each field of a line is a reading; which meter it is of the source mappings tell. A refused
 * field is read again as a line of its own, by the precision of its push.
 */
export const lineProtocol: Format = {
  name: 'line-protocol',
  mediaTypes: ['text/vnd.influxdata.line-protocol'],
  extensions: ['.lp'],
  title: { en: 'line protocol', vi: 'line protocol' },
  needsFileName: false,
  read: readLineProtocol,
  replay: (raw, context) => ({ format: lineProtocol, text: raw, precision: precisionNamed(context) }),
};

/** Lines that are read without asking whether others may have their turn. */
const linesBetweenPauses = 16;
/** Different heads, and fields of all of them, that are remembered for one pusher; then all are forgotten. */
const fieldsKnownMax = 100_000;
const dateMsMax = 8.64e15;
const controls = /\p{Cc}/u;

/** What the values of one head are, by their fields as written. */
interface Head {
  readonly origin: ReadonlyMap<string, string> | LineProblem;
  readonly fields: Map<string, FoundSource>;
}
interface KnownHeads {
  readonly heads: Map<string, Head>;
  fields: number;
}
const headsOf = new WeakMap<PushSources, KnownHeads>();

export function precisionNamed(name: string): Precision {
  return precisions.find((known) => known === name) ?? 'ns';
}

function* readLineProtocol(source: FormatSource, draft: PushDraft): Generator<void, FormatReading> {
  const { lineMax, receivedAt, precision = 'ns', sources } = source;
  // A line that is not text is refused by itself.
  const isText = isUtf8(source.body);
  const text = withoutMark(source.body.toString('utf8'));
  const numbers = numbersOf(source, ['dot'], function* () {
    for (const line of linesOf(text)) if (line.length <= lineMax) yield* textsOf(line);
  });
  const known = headsOf.get(sources) ?? { heads: new Map<string, Head>(), fields: 0 };
  headsOf.set(sources, known);

  const valueOf = (value: FieldValue | undefined, written: string, key: string): SentValue | Refusal => {
    if (value === undefined) return malformed('line_value', { value: quoted(written) });
    return typeof value === 'number' ? value : valueIn(numbers, value.trim(), quoted(unescaped(key)));
  };
  let lines = 0;
  for (const line of linesOf(text)) {
    if (line.charCodeAt(0) === 35) continue;
    if (++lines % linesBetweenPauses === 0) yield;
    const parts = line.length > lineMax ? undefined : partLine(line.trim());
    if (parts === undefined || typeof parts === 'string') {
      const why = parts === undefined ? malformed('line_too_long', { limit: lineMax }) : malformed(parts);
      draft.refuse(draft.nextRow(), why, line.slice(0, lineMax));
      continue;
    }
    const { head, fields, stamp } = parts;
    const time = stamp === '' ? receivedAt : stampMs(stamp, precision);
    const isMarred = !isText && line.includes('\ufffd');
    for (const [key, written] of fields) {
      const found = foundOf(known, sources, head, key);
      if (found.kind === 'ignored') continue;
      const row = draft.nextRow();
      let why: Refusal | undefined;
      if (isMarred) why = malformed('line_not_utf8');
      else if (found.kind === 'refused') why = found.refusal;
      else if (Math.abs(time) > dateMsMax) why = refusal('time_unreadable', { time: quoted(stamp) });
      else {
        const value = readValue(written);
        const sent = valueOf(value, written, key);
        why = isRefusal(sent)
          ? sent
          : draft.takeOf(found.meter, row, sent, value, found.unit, time, found.status);
      }
      if (why !== undefined) draft.refuse(row, why, lineOf(parts, key, written, receivedAt, precision));
    }
  }
  return { context: precision, numbers: numbers.convention };
}

/** The field as a line of its own, which says the same whenever it is read. */
function lineOf(
  { head, stamp }: LineParts,
  key: string,
  written: string,
  receivedAt: number,
  precision: Precision,
): string {
  return `${head} ${key}=${written} ${stamp === '' ? stampOf(receivedAt, precision) : stamp}`;
}

function foundOf(known: KnownHeads, sources: PushSources, head: string, key: string): FoundSource {
  let entry = known.heads.get(head);
  const found = entry?.fields.get(key);
  if (found !== undefined) return found;
  if (known.fields >= fieldsKnownMax) {
    known.heads.clear();
    known.fields = 0;
    entry = undefined;
  }
  if (entry === undefined) {
    entry = { origin: controls.test(head) ? 'line_controls' : readHead(head), fields: new Map() };
    known.heads.set(copyOf(head), entry);
  }
  const origin = controls.test(key) ? 'line_controls' : entry.origin;
  const asked: FoundSource =
    typeof origin === 'string'
      ? { kind: 'refused', refusal: malformed(origin), mapping: undefined }
      : sources.find('line-protocol', new Map([...origin, ['field', unescaped(key)]]));
  entry.fields.set(copyOf(key), asked);
  known.fields++;
  return asked;
}

/** A part of a text keeps all of it in memory. */
function copyOf(part: string): string {
  return Buffer.from(part).toString();
}

/** The numbers that a line has as text. */
function* textsOf(line: string): Generator<string> {
  const parts = partLine(line.trim());
  if (typeof parts === 'string') return;
  for (const [, written] of parts.fields) {
    const value = written.startsWith('"') ? readValue(written) : undefined;
    if (typeof value === 'string') yield value.trim();
  }
}

import { textOf } from '../body.ts';
import type { PushDraft, SentValue } from '../push-draft.ts';
import { malformed, quoted, refusal, type Refusal } from '../refusals.ts';
import type { Format, FormatReading, FormatSource } from './format.ts';
import { linesOf, withoutMark } from './lines.ts';
import { isRefusal, numbersOf, valueIn } from './numbers.ts';

/** A message as the MQTT door passes it on: one JSON object a line, one value a message. */
interface MessageLine {
  readonly topic: string;
  /** When it arrived, epoch milliseconds: its time, where it tells none itself. */
  readonly at: number;
  /** The text that was sent: a number, or a JSON object with `value`, `time`, `unit`, `status`. */
  readonly payload?: string;
  /** What was sent and is no text, in Base64. */
  readonly binary?: string;
  /** Which of several values of the message this is: a field, or the name of a Sparkplug B metric. */
  readonly field?: string;
  /** Why the door cannot read it: a code, such as that of a whole push. */
  readonly problem?: string;
}

export const mqtt: Format = {
  name: 'mqtt',
  mediaTypes: ['application/vnd.songma.mqtt'],
  extensions: ['.mqtt'],
  title: { en: 'MQTT messages', vi: 'thông điệp MQTT' },
  needsFileName: false,
  read: readMessages,
  replay: (raw) => ({ format: mqtt, text: raw }),
};

const topicMax = 1_024;
const plainNumber = /^-?\d{1,15}(?:\.\d+)?$/;
/** Numbers below it are seconds since 1970, others milliseconds: 1973 in the one, 5138 in the other. */
const secondsMax = 100_000_000_000;

function* readMessages(source: FormatSource, draft: PushDraft): Generator<void, FormatReading> {
  for (const line of linesOf(withoutMark(textOf(source.body)))) {
    const row = draft.nextRow();
    if (draft.isPauseAt(row)) yield;
    const why =
      line.length > source.lineMax
        ? malformed('line_too_long', { limit: source.lineMax })
        : checkLine(line, row, source, draft);
    if (why !== undefined) draft.refuse(row, why, line.slice(0, source.lineMax));
  }
  return {};
}

function checkLine(text: string, row: number, source: FormatSource, draft: PushDraft): Refusal | undefined {
  const line = parsed(text);
  if (!isMessage(line)) return malformed('not_message');
  const { topic, problem, payload } = line;
  if (topic.length > topicMax) return malformed('topic_too_long', { limit: topicMax });
  if (problem !== undefined) return malformed('message_unreadable', { code: quoted(problem) });
  if (payload === undefined) return malformed('payload_binary');
  const meter = meterOf(line, source, draft);
  if (meter === undefined) return refusal('meter_unknown', { meter: quoted(topic) });
  return checkPayload(line, payload.trim(), meter, row, source, draft);
}

/** Topics that name the meter: `songma/{enterprise}/{meter}`. */
function meterOf(
  { topic, field }: MessageLine,
  { meters }: FormatSource,
  draft: PushDraft,
): string | undefined {
  const [root, enterprise, id, ...more] = topic.split('/');
  if (root !== 'songma' || id === undefined || more.length > 0 || field !== undefined) return undefined;
  const meter = meters.get(id);
  return meter !== undefined && meter.enterprise === enterprise && draft.mayPush(meter.enterprise, meter.site)
    ? id
    : undefined;
}

function checkPayload(
  { at }: MessageLine,
  payload: string,
  meter: string,
  row: number,
  source: FormatSource,
  draft: PushDraft,
): Refusal | undefined {
  const arrived = new Date(at).toISOString();
  if (plainNumber.test(payload)) {
    return draft.take(row, meter, Number(payload), payload, undefined, arrived, undefined);
  }
  if (payload === '') return malformed('field_missing', { field: 'value' });
  if (!payload.startsWith('{') && !payload.startsWith('"')) {
    const value = valueOfText(payload, meter, source);
    return isRefusal(value) ? value : draft.take(row, meter, value, payload, undefined, arrived, undefined);
  }
  const reading = parsed(payload);
  if (reading === undefined) return malformed('not_json');
  if (typeof reading === 'string') {
    const value = valueOfText(reading, meter, source);
    return isRefusal(value) ? value : draft.take(row, meter, value, reading, undefined, arrived, undefined);
  }
  return checkReading(reading as Reading, meter, arrived, row, source, draft);
}

interface Reading {
  readonly time?: unknown;
  readonly value?: unknown;
  readonly unit?: unknown;
  readonly status?: unknown;
}
const fields: ReadonlySet<string> = new Set(['time', 'value', 'unit', 'status']);

function checkReading(
  reading: Reading,
  meter: string,
  arrived: string,
  row: number,
  source: FormatSource,
  draft: PushDraft,
): Refusal | undefined {
  for (const field in reading) {
    if (!fields.has(field)) return malformed('field_unknown', { field: quoted(field) });
  }
  const { unit, status, value } = reading;
  const time = timeIn(reading.time, arrived);
  if (time === undefined) return malformed('field_not_text', { field: 'time' });
  if (!isTextOrNone(unit)) return malformed('field_not_text', { field: 'unit' });
  if (!isTextOrNone(status)) return malformed('field_not_text', { field: 'status' });
  const taken = typeof value === 'string' ? valueOfText(value.trim(), meter, source) : numberIn(value);
  if (isRefusal(taken)) return taken;
  return draft.take(row, meter, taken, value, unit ?? undefined, time, status ?? undefined);
}

function isTextOrNone(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || typeof value === 'string';
}

function numberIn(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'number' ? value : Number.NaN;
}

/** The stamp as text: as it came, of seconds or milliseconds since 1970, or that of the arrival. */
function timeIn(time: unknown, arrived: string): string | undefined {
  if (time === undefined || time === null) return arrived;
  if (typeof time === 'string') return time;
  if (typeof time !== 'number') return undefined;
  const epochMs = Math.abs(time) < secondsMax ? time * 1000 : time;
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}

/** A message stands by itself: how its neighbours write numbers tells nothing of it. */
function valueOfText(text: string, meter: string, source: FormatSource): SentValue | Refusal {
  const numbers = numbersOf(source, ['dot'], () => [text]);
  return valueIn(numbers, text, meter);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isMessage(line: unknown): line is MessageLine {
  if (typeof line !== 'object' || line === null) return false;
  const { topic, at, payload, field, problem } = line as Record<string, unknown>;
  return (
    typeof topic === 'string' &&
    typeof at === 'number' &&
    Math.abs(at) <= 8.64e15 &&
    (payload === undefined || typeof payload === 'string') &&
    (field === undefined || typeof field === 'string') &&
    (problem === undefined || typeof problem === 'string')
  );
}

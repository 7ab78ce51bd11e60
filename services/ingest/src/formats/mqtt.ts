import { textOf } from '../body.ts';
import type { PushDraft, SentValue } from '../push-draft.ts';
import { malformed, quoted, refusal, type Refusal } from '../refusals.ts';
import type { Format, FormatReading, FormatSource } from './format.ts';
import { linesOf, withoutMark } from './lines.ts';
import { isRefusal, numbersOf, valueIn } from './numbers.ts';
import type { FoundSource } from '../sources.ts';

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
const sparkplugPrefix = 'spBv1.0/';
const plainNumber = /^-?\d{1,15}(?:\.\d+)?$/;
/** Numbers below it are seconds since 1970, others milliseconds: 1973 in the one, 5138 in the other. */
const secondsMax = 100_000_000_000;
/** Furthest instant that a date can say. */
const latestDateMs = 8.64e15;

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
  const found = source.sources.find('mqtt', originOf(line));
  if (found.kind === 'refused') return found.refusal;
  // Known not to be of interest: not taken, and not refused.
  if (found.kind === 'ignored') return undefined;
  // Without a mapping the topic says whose meter it is, and of several values of a message nobody has said which.
  if (
    found.mapping === undefined &&
    (line.field !== undefined || enterpriseIn(topic) !== found.meter.enterprise)
  ) {
    return refusal('meter_unknown', {
      meter: quoted(line.field === undefined ? topic : `${topic} ${line.field}`),
    });
  }
  return checkPayload(line, payload.trim(), found, row, source, draft);
}

/** What mappings tell messages apart by; the levels of Sparkplug B topics too. */
function originOf({ topic, field }: MessageLine): Map<string, string> {
  const origin = new Map([['topic', topic]]);
  if (topic.startsWith(sparkplugPrefix)) {
    const [, group, , node, device] = topic.split('/');
    for (const [name, text] of Object.entries({ group, node, device, metric: field })) {
      if (text !== undefined) origin.set(name, text);
    }
  } else if (field !== undefined) origin.set('field', field);
  return origin;
}

function enterpriseIn(topic: string): string | undefined {
  return topic.split('/', 2)[1];
}

type FoundMeter = Extract<FoundSource, { kind: 'meter' }>;

function checkPayload(
  { at }: MessageLine,
  payload: string,
  found: FoundMeter,
  row: number,
  source: FormatSource,
  draft: PushDraft,
): Refusal | undefined {
  const { meter, unit } = found;
  if (plainNumber.test(payload)) {
    return draft.takeOf(meter, row, Number(payload), payload, unit, at, undefined);
  }
  if (payload === '') return malformed('field_missing', { field: 'value' });
  if (!payload.startsWith('{') && !payload.startsWith('"')) {
    const value = valueOfText(payload, meter.id, source);
    return isRefusal(value) ? value : draft.takeOf(meter, row, value, payload, unit, at, undefined);
  }
  const reading = parsed(payload);
  if (reading === undefined) return malformed('not_json');
  if (typeof reading === 'string') {
    const value = valueOfText(reading, meter.id, source);
    return isRefusal(value) ? value : draft.takeOf(meter, row, value, reading, unit, at, undefined);
  }
  return checkReading(reading as Reading, found, at, row, source, draft);
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
  found: FoundMeter,
  at: number,
  row: number,
  source: FormatSource,
  draft: PushDraft,
): Refusal | undefined {
  for (const field in reading) {
    if (!fields.has(field)) return malformed('field_unknown', { field: quoted(field) });
  }
  const { unit, status, value } = reading;
  const time = timeIn(reading.time, at);
  if (time === undefined) return malformed('field_not_text', { field: 'time' });
  if (!isTextOrNone(unit)) return malformed('field_not_text', { field: 'unit' });
  if (!isTextOrNone(status)) return malformed('field_not_text', { field: 'status' });
  const taken =
    typeof value === 'string' ? valueOfText(value.trim(), found.meter.id, source) : numberIn(value);
  if (isRefusal(taken)) return taken;
  return draft.takeOf(found.meter, row, taken, value, unit ?? found.unit, time, status ?? undefined);
}

function isTextOrNone(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || typeof value === 'string';
}

function numberIn(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'number' ? value : Number.NaN;
}

/** The stamp as it came, the instant of seconds or milliseconds since 1970, or that of the arrival. */
function timeIn(time: unknown, arrived: number): string | number | undefined {
  if (time === undefined || time === null) return arrived;
  if (typeof time === 'string') return time;
  if (typeof time !== 'number') return undefined;
  const epochMs = Math.round(Math.abs(time) < secondsMax ? time * 1000 : time);
  return Math.abs(epochMs) <= latestDateMs ? epochMs : String(time);
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
    Math.abs(at) <= latestDateMs &&
    (payload === undefined || typeof payload === 'string') &&
    (field === undefined || typeof field === 'string') &&
    (problem === undefined || typeof problem === 'string')
  );
}

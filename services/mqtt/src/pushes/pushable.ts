import { isUtf8 } from 'node:buffer';
import { type Message, type Pushable } from './message.ts';

/** Last level of topics whose messages are whole pushes that name their meters. */
const batchLevel = 'batch';
/** Values of one message that go into lines; what has more is pushed as a batch. */
export const valuesMax = 1_000;
/** Characters of a payload that quarantine keeps of a message which cannot be read. */
const keptMax = 4_096;

/** What is pushed of a message, by its topic and the look of its payload. */
export function pushableOf(message: Message): Pushable {
  const { topic, payload, at } = message;
  if (!isUtf8(payload)) return oneLine(message, { binary: payload.toString('base64', 0, keptMax) });
  if (isBatchTopic(topic)) return batchOf(message);
  const text = payload.toString('utf8');
  if (isObject(text)) return objectOf(message, text);
  if (text.trimStart().startsWith('[')) return listOf(message, text);
  return { lines: [JSON.stringify({ topic, at, payload: text })], marks: [markOf(topic, at, text)] };
}

/** `songma/{enterprise}/batch`. */
export function isBatchTopic(topic: string): boolean {
  const levels = topic.split('/');
  return levels.length === 3 && levels[0] === 'songma' && levels[2] === batchLevel;
}

function batchOf(message: Message): Pushable {
  const { payload } = message;
  const unreadable = (problem: string) =>
    lineOf(message, { payload: payload.toString('utf8', 0, keptMax), problem });
  return { contentType: contentTypeOf(payload.toString('utf8', 0, 64)), body: payload, unreadable };
}

/** JSON as one object, NDJSON as several, else a CSV under its header. */
function contentTypeOf(beginning: string): string {
  const text = beginning.replace(/^\ufeff/, '').trimStart();
  if (/^\{\s*"readings"/.test(text)) return 'application/json';
  return text.startsWith('{') ? 'application/x-ndjson' : 'text/csv';
}

function isObject(text: string): boolean {
  return text.trimStart().startsWith('{');
}

const ownFields: ReadonlySet<string> = new Set(['value', 'status', 'time', 'unit']);

/** A reading, or several values by name, which a source mapping tells apart. */
function objectOf(message: Message, text: string): Pushable {
  const { topic, at } = message;
  const single = { lines: [JSON.stringify({ topic, at, payload: text })], marks: [markOf(topic, at, text)] };
  if (/"(?:value|status)"\s*:/.test(text)) return single;
  const fields = parsed(text);
  if (typeof fields !== 'object' || fields === null) return single;
  const { time, unit } = fields as { time?: unknown; unit?: unknown };
  const names = Object.keys(fields).filter((name) => !ownFields.has(name));
  if (names.length === 0 || names.length > valuesMax) return single;
  const lines = names.map((field) => {
    const value = (fields as Record<string, unknown>)[field];
    return JSON.stringify({ topic, at, field, payload: JSON.stringify({ time, unit, value }) });
  });
  return { lines, marks: names.map((field) => `${markOf(topic, at, text)} ${field}`) };
}

/** Several readings of one meter, such as a logger keeps while its line is down. */
function listOf(message: Message, text: string): Pushable {
  const { topic, at } = message;
  const list = parsed(text);
  if (!Array.isArray(list) || list.length === 0)
    return oneLine(message, { payload: text.slice(0, keptMax), problem: 'body_not_json' });
  if (list.length > valuesMax)
    return oneLine(message, { payload: text.slice(0, keptMax), problem: 'too_many_rows' });
  const payloads = list.map((item) => JSON.stringify(item) ?? 'null');
  return {
    lines: payloads.map((payload) => JSON.stringify({ topic, at, payload })),
    marks: payloads.map((payload) => markOf(topic, at, payload)),
  };
}

function oneLine(message: Message, more: Record<string, unknown>): Pushable {
  return { lines: [lineOf(message, more)], marks: [] };
}

function lineOf({ topic, at }: Message, more: Record<string, unknown>): string {
  return JSON.stringify({ topic, at, ...more });
}

const timeField = /"time"\s*:\s*("[^"]*"|[-\d.eE+]+)/;

/** Meter and time as far as the text shows them, without parsing it. */
function markOf(topic: string, at: number, payload: string): string {
  const time = payload.includes('"time"') ? timeField.exec(payload)?.[1] : undefined;
  return `${topic} ${time ?? at}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

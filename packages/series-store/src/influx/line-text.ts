import type { History, Version } from '../judge.ts';
import { confirmationsText, versionsText } from './history-text.ts';
import { historyIn, knownUsIn, type Line } from './line.ts';
import { confirmedField, fieldOf, keyText, lineKnownField, stringText, type FieldPart } from './names.ts';

/** Bit of a stored flags field: the reading has no value, whatever the value's field still holds. */
const noValue = 256;

/** A site's meters by index, and their field keys as line protocol spells them. */
export class MeterKeys {
  readonly ids: string[] = [];
  /** Keys of the value's fields. */
  readonly keys: string[] = [];
  /** Keys of the fields that tell when it became known. */
  readonly knownKeys: string[] = [];
  private readonly indices = new Map<string, number>();

  /** The meter's index, a new one at its first mention. */
  indexOf(id: string): number {
    const found = this.indices.get(id);
    if (found !== undefined) return found;
    const index = this.ids.push(id) - 1;
    this.keys.push(keyText(fieldOf(id)));
    this.knownKeys.push(keyText(fieldOf(id, 'known')));
    this.indices.set(id, index);
    return index;
  }
}

/**
 * What is unwritten of a line's readings as a line of line protocol, or undefined when there is nothing.
 * Numbers are written so that the same ones are read back; all values are floats.
 */
export function readingsLine(measurement: string, line: Line, meters: MeterKeys): string | undefined {
  let fields = '';
  if (line.unwritten.isNew) {
    fields = `,${lineKnownField}=${line.knownUs}i`;
    const { values } = line;
    for (let meter = 0; meter < values.length; meter++) {
      const value = values[meter]!;
      if (Number.isNaN(value)) continue;
      fields += `,${meters.keys[meter]}=${value}`;
      const knownUs = knownUsIn(line, meter);
      if (knownUs !== line.knownUs) fields += `,${meters.knownKeys[meter]}=${knownUs}i`;
    }
    for (const [meter, history] of line.others ?? []) {
      fields += readingFields(line, meters.ids[meter]!, history);
    }
  } else {
    for (const meter of line.unwritten.readings) {
      fields += readingFields(line, meters.ids[meter]!, historyIn(line, meter)!);
    }
  }
  return fields === '' ? undefined : `${measurement} ${fields.slice(1)} ${line.time}`;
}

/** Fields of the version that stands. One that superseded another says everything, since fields are replaced singly. */
function readingFields(line: Line, meter: string, history: History): string {
  const { knownUs, value, flags, revision } = history.versions.at(-1)!;
  const isFirst = history.versions.length === 1;
  const bits = Number.isNaN(value) ? flags | noValue : flags;
  const field = (part: FieldPart, content: string) => `,${keyText(fieldOf(meter, part))}=${content}`;
  return [
    Number.isNaN(value) ? '' : field('value', String(value)),
    isFirst && bits === 0 ? '' : field('flags', `${bits}i`),
    isFirst && knownUs === line.knownUs ? '' : field('known', `${knownUs}i`),
    isFirst ? '' : field('revision', `${revision}i`),
  ].join('');
}

/** The version that stands, from its fields (null where the line has none); undefined when they hold no reading. */
export function standingOf(
  value: number | null,
  bits: number | null,
  knownUs: number | null,
  revision: number | null,
): Version | undefined {
  if (value === null && bits === null) return undefined;
  const isEmpty = value === null || ((bits ?? 0) & noValue) !== 0;
  return {
    // A line without `knownUs` was not written by us: everything that we know is later.
    knownUs: knownUs ?? 0,
    value: isEmpty ? NaN : value,
    flags: (bits ?? 0) & ~noValue,
    revision: revision ?? 0,
  };
}

/** What is unwritten of the histories of a line's readings, likewise. */
export function historyLine(measurement: string, line: Line, meters: MeterKeys): string | undefined {
  let fields = '';
  for (const meter of line.unwritten.versions) {
    const text = versionsText(historyIn(line, meter)!.versions);
    fields += `,${meters.keys[meter]}=${stringText(text)}`;
  }
  if (line.unwritten.confirmations) {
    const histories = [...(line.others ?? [])].map(
      ([meter, history]) => [meters.ids[meter]!, history] as const,
    );
    fields += `,${confirmedField}=${stringText(confirmationsText(histories))}`;
  }
  return fields === '' ? undefined : `${measurement} ${fields.slice(1)} ${line.time}`;
}

import type { History, Version } from '../judge.ts';

/**
 * Everything that is held of one site and time.
 *
 * Readings that are the only version of themselves and without flags are just a value and when it became known: nearly
 * all are. Everything else has its history in `others`.
 */
export interface Line {
  readonly time: number;
  /** `knownUs` of the push that first made the line. */
  readonly knownUs: number;
  /** By index of the site's meters, may be shorter; NaN where `others` or nothing has the reading. */
  values: Float64Array;
  /** `knownUs` of the values, as long as they; undefined while all became known with the line. */
  knownUsOf: Float64Array | undefined;
  others: Map<number, History> | undefined;
  /** What the store does not have yet. */
  readonly unwritten: Unwritten;
}

/** What is to be written of a line; meters by index. */
export interface Unwritten {
  /** The whole line is new. */
  isNew: boolean;
  /** Readings, when the line is not new. */
  readonly readings: Set<number>;
  /** Readings whose versions have changed. */
  readonly versions: Set<number>;
  confirmations: boolean;
}

/** A new line, without readings. */
export function newLine(time: number, knownUs: number, meters: number): Line {
  return {
    time,
    knownUs,
    values: new Float64Array(meters).fill(NaN),
    knownUsOf: undefined,
    others: undefined,
    unwritten: { isNew: true, readings: new Set(), versions: new Set(), confirmations: false },
  };
}

/** Whether anything of the line is to be written. */
export function isUnwritten({ unwritten }: Line): boolean {
  const { isNew, readings, versions, confirmations } = unwritten;
  return isNew || readings.size > 0 || versions.size > 0 || confirmations;
}

/** Notes that the store has everything of the line. */
export function setWritten({ unwritten }: Line): void {
  unwritten.isNew = false;
  unwritten.readings.clear();
  unwritten.versions.clear();
  unwritten.confirmations = false;
}

/** What is held of a meter in the line. */
export function historyIn(line: Line, meter: number): History | undefined {
  const value = line.values[meter];
  if (value !== undefined && !Number.isNaN(value)) {
    return { versions: [{ knownUs: knownUsIn(line, meter), value, flags: 0, revision: 0 }], confirmedUs: [] };
  }
  return line.others?.get(meter);
}

/** When a reading that is just a value became known. */
export function knownUsIn(line: Line, meter: number): number {
  return line.knownUsOf?.[meter] ?? line.knownUs;
}

/** Replaces what is held of a meter in the line. `meters` is how many the site has. */
export function setHistory(line: Line, meter: number, history: History, meters: number): void {
  if (meter >= line.values.length) {
    const length = Math.max(meters, meter + 1);
    line.values = lengthened(line.values, length, NaN);
    line.knownUsOf &&= lengthened(line.knownUsOf, length, line.knownUs);
  }
  const only =
    history.versions.length === 1 && history.confirmedUs.length === 0 ? history.versions[0]! : null;
  if (only === null || !isPlain(only)) {
    line.values[meter] = NaN;
    (line.others ??= new Map()).set(meter, history);
    return;
  }
  line.values[meter] = only.value;
  if (only.knownUs !== knownUsIn(line, meter)) {
    line.knownUsOf ??= new Float64Array(line.values.length).fill(line.knownUs);
    line.knownUsOf[meter] = only.knownUs;
  }
  line.others?.delete(meter);
}

function lengthened(values: Float64Array, length: number, filler: number): Float64Array {
  const longer = new Float64Array(length).fill(filler);
  longer.set(values);
  return longer;
}

function isPlain({ flags, revision, value }: Version): boolean {
  return flags === 0 && revision === 0 && !Number.isNaN(value);
}

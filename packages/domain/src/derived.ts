import type { DerivedMeter } from './entities.ts';
import { compileFormula, type CompiledFormula } from './formula.ts';
import { joinedTold } from './joined-told.ts';
import { lifeOf, type Life } from './life.ts';
import { flagsOfStatus, hasStatus, isValid } from './meter-readings.ts';
import { flag } from './readings.ts';
import { expectedOf, noSuccession, successionOf, successorsOf, type Succession } from './succession.ts';
import { roundTo15Digits } from './sums.ts';
import type { Told } from './told.ts';

const hourMs = 3_600_000;
/** What is told of a value that is made of others that count. */
const flagsOfValue = flag.outOfRangeCounted | flag.belowDetection;

/**
 * What a derived meter tells, of what its inputs tell (by meter id). Nothing where its formula cannot be read: the door
 * refuses those, and what stands in the log is not to stop who reads it.
 *
 * Time is cut wherever an input begins or ends to tell something. A piece on which all inputs are known has a value;
 * one on which an input was calibrating, at fault or out of range carries that status, and so does, as out of range,
 * one on which the formula has no value (a division by zero, oxygen beyond its guard). On all other time nothing is
 * known. An amount belongs evenly to the time that it was told for, so that unequal intervals may be put together.
 *
 * A value in a window depends on nothing but the spans that reach into the window, however the time around is cut:
 * hours can be computed by themselves.
 * Where another meter took over from an input (`succession`), it is read in its place from then on. What is derived is
 * known anew with each reading of the input that is read most rarely, and so often it is expected.
 * @throws Error when an input is not there
 */
export function deriveMeter(
  meter: DerivedMeter,
  told: ReadonlyMap<string, Told>,
  succession: Succession = noSuccession,
): Told {
  const inputs = Object.entries(meter.inputs ?? {}).map(([name, id]) => {
    const input = told.get(id);
    if (input === undefined)
      throw new Error(`meter ${meter.id}: nothing is told of its input ${name}, ${id}`);
    return joinedTold(
      successorsOf(input.meter, succession).map((one) => {
        const of = told.get(one.id);
        if (of === undefined)
          throw new Error(`meter ${meter.id}: nothing is told of ${one.id}, its input now`);
        return of;
      }),
    );
  });
  const formula = formulaOf(meter, inputs);
  const pieces = formula === undefined ? [] : withinLife(piecesOf(inputs), lifeOf(meter));
  const given = new Float64Array(inputs.length);
  /** The formula's value on a piece: amounts over so many milliseconds of it. */
  const valueOn = ({ start, end, firsts }: Pick<Piece, 'start' | 'end' | 'firsts'>, ms: number): number => {
    for (const [k, input] of inputs.entries()) given[k] = valueOf(input, firsts[k]!, start, end, ms);
    return formula?.value(given) ?? Number.NaN;
  };

  const entries: (Omit<Piece, 'state'> & { readonly value: number; readonly flags: number })[] = [];
  for (const { state, ...piece } of pieces) {
    const value = state.isKnown ? valueOn(piece, hourMs) : Number.NaN;
    if (Number.isFinite(value)) {
      // What people read is what a calculator gives; amounts are rounded as sums.
      const shown = formula?.result === 'level' ? roundTo15Digits(value) : value;
      entries.push({ ...piece, value: shown, flags: state.flags });
    } else if (state.isKnown) {
      entries.push({ ...piece, value: Number.NaN, flags: state.flags | flag.outOfRange });
    } else if (state.flags !== 0) {
      entries.push({ ...piece, value: Number.NaN, flags: state.flags });
    } else if (piece.irregular === 1) {
      entries.push({ ...piece, end: piece.start, value: Number.NaN, flags: 0 });
    }
  }

  const amountOver = (i: number, ms: number): number => {
    const piece = entries[i]!;
    if (Number.isNaN(piece.value)) return 0;
    if (formula?.result === 'level') return piece.value;
    return formula?.result === 'amount' ? valueOn(piece, ms) : (piece.value * ms) / hourMs;
  };
  const isShare = (i: number, ms: number): boolean => {
    const { start, end, firsts, value } = entries[i]!;
    if (Number.isNaN(value) || formula?.result !== 'amount') return false;
    return inputs.some((input, k) => hasShare(input, firsts[k]!, start, end, ms));
  };
  return {
    meter,
    readings: {
      times: Float64Array.from(entries, ({ start }) => start),
      values: Float64Array.from(entries, ({ value }) => value),
      flags: Uint8Array.from(entries, ({ flags }) => flags),
    },
    spans: {
      ends: Float64Array.from(entries, ({ end }) => end),
      ownEnds: Float64Array.from(entries, ({ end, ownEnd }) => Math.min(end, ownEnd)),
      amounts: Float64Array.from(entries, ({ start, end }, i) => amountOver(i, end - start)),
      spread: Uint8Array.from(entries, ({ spread }) => spread),
      irregular: Uint8Array.from(entries, ({ irregular }) => irregular),
      goesOn: Uint8Array.from(entries, ({ goesOn }) => goesOn),
      amountOver,
      isShare,
    },
    readEveryMs: (time) => Math.max(...inputs.map(({ readEveryMs }) => readEveryMs(time))),
  };
}

/**
 * All that is told at a site, by meter id, of what is told by readings: derived meters after their inputs. Hours and
 * what is expected by the calendar go by the clock of `zone`.
 */
export function withDerived(
  told: Iterable<Told>,
  derived: readonly DerivedMeter[],
  zone: string,
): Map<string, Told> {
  const all = new Map(Array.from(told, (one) => [one.meter.id, one]));
  const meters = new Map(
    [...Array.from(all.values(), ({ meter }) => meter), ...derived].map((meter) => [meter.id, meter]),
  );
  const succession = successionOf(meters);
  for (const meter of derived) {
    const made = deriveMeter(meter, all, succession);
    const expectedIn = (start: number, end: number) => expectedOf(meter, zone, { start, end }, meters);
    all.set(meter.id, { ...made, spans: { ...made.spans, expectedIn } });
  }
  return all;
}

/** A piece of time on which every input tells the same throughout. */
interface Piece {
  readonly start: number;
  readonly end: number;
  /** Per input the first of its readings that may tell of the piece. */
  readonly firsts: readonly number[];
  /** Until when every input speaks by itself, which may be after it. @see Spans.ownEnds */
  readonly ownEnd: number;
  readonly spread: number;
  readonly irregular: number;
  /**
   * 1 where the input that is read most rarely does not begin to tell at its start: it goes on with the one before.
   */
  readonly goesOn: number;
  readonly state: { readonly isKnown: boolean; readonly flags: number };
}

/** The pieces as far as they lie in the derived meter's own life. */
function withinLife(pieces: readonly Piece[], { from, to }: Life): Piece[] {
  return pieces
    .filter(({ start, end }) => start < to && (end > from || start >= from))
    .map((piece) => ({ ...piece, start: Math.max(piece.start, from), end: Math.min(piece.end, to) }));
}

function piecesOf(inputs: readonly Told[]): Piece[] {
  /** Every time at which something begins or ends; whether a reading comes, and whether something is irregular. */
  const edges = new Map<number, { begins: boolean; irregular: boolean }>();
  const edge = (time: number) => {
    let one = edges.get(time);
    if (one === undefined) edges.set(time, (one = { begins: false, irregular: false }));
    return one;
  };
  for (const [k, { readings, spans }] of inputs.entries()) {
    let knownTo = -Infinity;
    for (const [i, time] of readings.times.entries()) {
      const isIrregular = spans.irregular[i] === 1;
      const end = spans.ends[i]!;
      if (isValid(readings, i)) knownTo = Math.max(knownTo, end);
      // A status within a counter's step takes nothing away from it.
      const start = isValid(readings, i) ? time : Math.max(time, knownTo);
      if (end > start) {
        edge(start).begins ||= start === time && spans.goesOn?.[i] !== 1 && isRarest(inputs, k, time);
        edge(end);
      }
      if (isIrregular) {
        edge(time).irregular = true;
        edge(time).begins ||= isRarest(inputs, k, time);
      }
    }
  }
  const times = [...edges.keys()].toSorted((a, b) => a - b);
  const heads = inputs.map(() => 0);
  return times.map((start, at) => {
    const end = times[at + 1] ?? start;
    for (const [k, { readings, spans }] of inputs.entries()) {
      while (heads[k]! < readings.times.length && readings.times[heads[k]!]! < start) {
        if (spans.ends[heads[k]!]! > start) break;
        heads[k]!++;
      }
    }
    const { begins, irregular } = edges.get(start)!;
    const told = inputs.map((input, k) => tellingOn(input, heads[k]!, start, end));
    const isKnown = end > start && told.every((one) => one.isKnown);
    const flags = told.reduce((bits, one) => bits | one.flags, 0);
    return {
      start,
      end,
      firsts: [...heads],
      ownEnd: told.reduce((least, one) => Math.min(least, one.ownEnd), end),
      spread: isKnown && told.some(({ isSpread }) => isSpread) ? 1 : 0,
      irregular: irregular ? 1 : 0,
      goesOn: begins ? 0 : 1,
      state: { isKnown, flags: isKnown ? flags & flagsOfValue : flags & flagsOfStatus },
    };
  });
}

/** Whether an input is, at a time, the one that is read most rarely: the first of equals. */
function isRarest(inputs: readonly Told[], place: number, time: number): boolean {
  if (inputs.length === 1) return true;
  const every = inputs.map(({ readEveryMs }) => readEveryMs(time));
  return every.indexOf(Math.max(...every)) === place;
}

/** What an input tells on a piece of time: a value, or else a status. */
function tellingOn(input: Told, first: number, start: number, end: number) {
  let [isKnown, isSpread, valueFlags, status, ownEnd] = [false, false, 0, 0, start];
  for (const i of tellers(input, first, start, end)) {
    if (isValid(input.readings, i)) {
      isKnown = true;
      isSpread ||= input.spans.spread[i] === 1;
      valueFlags |= input.readings.flags[i]!;
      ownEnd = Math.max(ownEnd, input.spans.ownEnds[i]!);
    } else if (hasStatus(input.readings, i)) {
      status |= input.readings.flags[i]!;
    }
  }
  return { isKnown, isSpread, ownEnd, flags: isKnown ? valueFlags : status };
}

/** A level's value on a piece of time, or the amount of so many milliseconds of it. */
function valueOf(input: Told, first: number, start: number, end: number, ms: number): number {
  let sum = 0;
  for (const i of tellers(input, first, start, end)) {
    if (!isValid(input.readings, i)) continue;
    if (input.meter.kind === 'level') return input.spans.amounts[i]!;
    sum += input.spans.amountOver(i, ms);
  }
  return sum;
}

function hasShare(input: Told, first: number, start: number, end: number, ms: number): boolean {
  if (input.meter.kind === 'level') return false;
  for (const i of tellers(input, first, start, end)) {
    if (isValid(input.readings, i) && input.spans.isShare(i, ms)) return true;
  }
  return false;
}

/** Indices of what an input tells of the whole of a piece. Intervals that were read too often overlap, and add up. */
function* tellers({ readings, spans }: Told, first: number, start: number, end: number): Generator<number> {
  const { times } = readings;
  for (let i = first; i < times.length && times[i]! <= start; i++) {
    if (spans.ends[i]! >= end && spans.ends[i]! > start) yield i;
  }
}

/** Compiled once for each version of the meter: kind and unit of its inputs stand for good. */
const compiled = new WeakMap<DerivedMeter, CompiledFormula | undefined>();

function formulaOf(meter: DerivedMeter, inputs: readonly Told[]): CompiledFormula | undefined {
  if (compiled.has(meter)) return compiled.get(meter);
  const names = Object.keys(meter.inputs ?? {});
  const meters = Object.fromEntries(names.map((name, k) => [name, inputs[k]!.meter]));
  const made = compileFormula(meter.formula, meters, meter);
  const formula = 'problem' in made ? undefined : made;
  compiled.set(meter, formula);
  return formula;
}

import { flag, isNoValue, roundTo15Digits, toldApart, type ShownTwice } from '@songma/domain';
import { BlockColumns, blockRowsMax } from './block-columns.ts';
import { conversionTo, type MeterAtDoor, type MetersAtDoor } from './meters.ts';
import { problem } from './problems.ts';
import { mayPush, type Pusher } from './pusher.ts';
import { malformed, quoted, refusal, type Refusal } from './refusals.ts';

/** A row that is not taken, as it came. */
export interface RefusedRow {
  readonly row: number;
  readonly refusal: Refusal;
  readonly raw: string;
  /** Site of the meter it names, when the pusher may know it. */
  readonly site: string | undefined;
}

/** What came as a value: none; below detection, with the limit if it was told; not finite for what is no number. */
export type SentValue = number | undefined | { readonly limit: number | undefined };

export interface DraftBounds {
  /** Latest and earliest stamp that is taken, epoch milliseconds. */
  readonly latest: number;
  readonly oldest: number;
  readonly futureToleranceMinutes: number;
  readonly rowsMax: number;
}

/** Different units that are looked up for one push: the look-up is slow, and units come from outside. */
const unitsAskedMax = 64;

const flagsOfStatus = new Map<string | undefined, number>([
  [undefined, 0],
  ['measured', 0],
  ['calibrating', flag.calibrating],
  ['fault', flag.fault],
]);

/** Rows that are checked without asking whether the turn is over. */
const rowsBetweenPauses = 16;

/**
 * A push while its rows are checked, one after the other. Accepted readings go into blocks by site; what is refused is
 * kept as it came. Other pushes may be checked in between: then `interrupt` is called before.
 */
export class PushDraft {
  readonly blocks: BlockColumns[] = [];
  readonly refused: RefusedRow[] = [];
  /** How many rows there will be, as far as the format tells before. */
  rowsExpected = Infinity;
  /** Rows so far, accepted or refused. */
  rows = 0;
  readonly #meters: MetersAtDoor;
  readonly #pusher: Pusher;
  readonly #bounds: DraftBounds;
  readonly #mark: number;
  readonly #open = new Map<string, BlockColumns>();
  #current: BlockColumns | undefined;
  #unitsAsked = 0;
  /** Where each meter and time is, as `block * blockRowsMax + index`: kept from the first row that is not in order. */
  #seen: Map<string, Map<number, number>> | undefined;
  /** The row before, by meter: kept from the first one whose clock shows its time twice. */
  #latest: Map<string, LatestRow> | undefined;

  constructor(meters: MetersAtDoor, pusher: Pusher, bounds: DraftBounds) {
    this.#meters = meters;
    this.#pusher = pusher;
    this.#bounds = bounds;
    this.#mark = meters.nextMark();
  }

  /** The number of the next row. @throws HttpProblem `too_many_rows` */
  nextRow(): number {
    if (this.rows === this.#bounds.rowsMax) throw problem('too_many_rows', { limit: this.#bounds.rowsMax });
    return this.rows++;
  }

  /** Whether the pusher may push for this site of this enterprise; it knows of no other. */
  mayPush(enterprise: string, site: string): boolean {
    return mayPush(this.#pusher, enterprise, site);
  }

  /** Whether a format pauses before this row. */
  isPauseAt(row: number): boolean {
    return row > 0 && row % rowsBetweenPauses === 0;
  }

  /** Other pushes are checked before the next row: what this one left at the meters may be gone then. */
  interrupt(): void {
    this.#seen ??= this.#everythingSeen();
    for (const block of this.blocks) block.interrupt();
  }

  refuse(row: number, why: Refusal, raw: string): void {
    const meter = why.parameters['meter'];
    const known = typeof meter === 'string' ? this.#meters.get(meter) : undefined;
    const site = known !== undefined && this.mayPush(known.enterprise, known.site) ? known.site : undefined;
    this.refused.push({ row, refusal: why, raw, site });
  }

  /**
   * Checks one reading of the meter with this id and takes it.
   * @param valueText the value as it came, when it is not finite
   * @returns why it is not taken
   */
  take(
    row: number,
    meterId: string,
    value: SentValue,
    valueText: unknown,
    unit: string | undefined,
    time: string,
    status: string | undefined,
  ): Refusal | undefined {
    const meter = this.#meters.get(meterId);
    if (meter === undefined || !this.mayPush(meter.enterprise, meter.site)) {
      return refusal('meter_unknown', { meter: quoted(meterId) });
    }
    return this.takeOf(meter, row, value, valueText, unit, time, status);
  }

  /**
   * As {@link take}, of a meter that is known already and that the pusher may push for.
   * @param time as printed, or the instant that was printed, epoch milliseconds
   */
  takeOf(
    meter: MeterAtDoor,
    row: number,
    value: SentValue,
    valueText: unknown,
    unit: string | undefined,
    time: string | number,
    status: string | undefined,
  ): Refusal | undefined {
    if (meter.isDerived) return this.#refusalOf(meter, 'meter_derived');

    let flags = flagsOfStatus.get(status);
    if (flags === undefined) return this.#refusalOf(meter, 'status_unknown', { status: quoted(status) });

    let number = value;
    if (typeof value === 'object') {
      const { limit } = value;
      if (meter.isCounter)
        return this.#refusalOf(meter, 'detection_of_counter', { value: quoted(valueText) });
      flags |= flag.belowDetection;
      number = limit;
    } else if (flags === 0) {
      if (value === undefined) return this.#refusalOf(meter, 'value_missing');
    } else if (typeof valueText === 'string' && isNoValue(valueText)) {
      // A device that is calibrating or at fault prints `---` or `NaN`: what it says is its status.
      number = undefined;
    }
    let stored = Number.NaN;
    if (typeof number === 'number') {
      if (!Number.isFinite(number))
        return this.#refusalOf(meter, 'value_not_finite', { value: quoted(valueText) });
      const converted =
        unit === undefined || unit === meter.unit ? number : this.#convert(meter, number, unit);
      if (typeof converted !== 'number') return converted;
      if (!Number.isFinite(converted)) {
        return this.#refusalOf(meter, 'value_not_finite', { value: quoted(valueText) });
      }
      if ((flags & flag.belowDetection) !== 0 && converted <= 0) {
        return this.#refusalOf(meter, 'detection_limit_not_positive', { value: quoted(valueText) });
      }
      // Minus zero would come back from the log as zero.
      stored = converted + 0;
    }

    const read = typeof time === 'number' ? meter.storedTimeOf(time) : meter.readTime(time);
    const told = () => quoted(typeof time === 'number' ? new Date(time).toISOString() : time);
    const start = typeof read === 'object' ? this.#toldApart(meter, read) : read;
    if (start === undefined && read !== undefined)
      return this.#refusalOf(meter, 'time_ambiguous', { time: told() });
    if (start === undefined) return this.#refusalOf(meter, 'time_unreadable', { time: told() });
    const { latest, oldest, futureToleranceMinutes } = this.#bounds;
    if (start + meter.stampShiftMs > latest) {
      return this.#refusalOf(meter, 'time_in_future', {
        time: told(),
        toleranceMinutes: futureToleranceMinutes,
      });
    }
    if (start < oldest) {
      return this.#refusalOf(meter, 'time_too_old', {
        time: told(),
        oldest: new Date(oldest).toISOString(),
      });
    }
    return this.#add(meter, row, start, stored, flags);
  }

  #refusalOf(meter: MeterAtDoor, code: Refusal['code'], parameters: Refusal['parameters'] = {}): Refusal {
    return refusal(code, { ...parameters, meter: meter.id });
  }

  #convert(meter: MeterAtDoor, value: number, unit: string): number | Refusal {
    let conversion = conversionTo(meter, unit, false);
    if (conversion === undefined) {
      if (++this.#unitsAsked > unitsAskedMax) return malformed('units_too_many', { limit: unitsAskedMax });
      conversion = conversionTo(meter, unit, true)!;
    }
    if ('problem' in conversion) {
      return this.#refusalOf(meter, conversion.problem, { unit: quoted(unit), meterUnit: meter.unit });
    }
    return roundTo15Digits(value * conversion.factor + conversion.offset);
  }

  #add(meter: MeterAtDoor, row: number, time: number, value: number, flags: number): Refusal | undefined {
    if (meter.push !== this.#mark) {
      meter.push = this.#mark;
      meter.latest = -Infinity;
    }
    // Rows of a meter mostly come in ascending time: then no two of them can be alike.
    if (this.#seen === undefined && time <= meter.latest) this.#seen = this.#everythingSeen();
    else meter.latest = time;
    if (this.#seen !== undefined) {
      const times = this.#seen.get(meter.id);
      const place = times?.get(time);
      if (place !== undefined) {
        const block = this.blocks[Math.floor(place / blockRowsMax)]!;
        const index = place % blockRowsMax;
        if (!block.says(index, value, flags)) {
          return this.#refusalOf(meter, 'repeated_in_push', { other: block.rowAt(index) });
        }
      }
    }
    const block = this.#blockOf(meter.site, row);
    if (this.#seen !== undefined)
      note(this.#seen, meter.id, time, block.ordinal * blockRowsMax + block.length);
    block.add(meter, row, time, value, flags);
    if (this.#latest !== undefined) noteLatest(this.#latest, meter.id, time);
    return undefined;
  }

  /** Which of two times is meant, by the rows of the meter before this one; undefined where there is none. */
  #toldApart(meter: MeterAtDoor, twice: ShownTwice): number | undefined {
    if (this.#latest === undefined) {
      this.#latest = new Map();
      // A meter is of one site, and the blocks of a site are in the order of their rows.
      for (const block of this.blocks) {
        for (let i = 0; i < block.length; i++) noteLatest(this.#latest, block.meterAt(i), block.timeAt(i));
      }
    }
    const latest = this.#latest.get(meter.id);
    return toldApart(twice, latest?.time, latest?.isDescending);
  }

  #blockOf(site: string, row: number): BlockColumns {
    let block = this.#current;
    if (block?.site !== site) block = this.#open.get(site);
    if (block === undefined || block.isFull) {
      block = new BlockColumns(site, this.blocks.length, this.#meters.nextMark(), this.rowsExpected - row);
      this.#open.set(site, block);
      this.blocks.push(block);
    }
    this.#current = block;
    return block;
  }

  #everythingSeen(): Map<string, Map<number, number>> {
    const seen = new Map<string, Map<number, number>>();
    for (const [ordinal, block] of this.blocks.entries()) {
      for (let i = 0; i < block.length; i++) {
        note(seen, block.meterAt(i), block.timeAt(i), ordinal * blockRowsMax + i);
      }
    }
    return seen;
  }
}

interface LatestRow {
  readonly time: number;
  /** Whether it lies before the one before it; undefined for the first. */
  readonly isDescending: boolean | undefined;
}

function noteLatest(latest: Map<string, LatestRow>, meter: string, time: number): void {
  const before = latest.get(meter);
  latest.set(meter, { time, isDescending: before && time < before.time });
}

function note(seen: Map<string, Map<number, number>>, meter: string, time: number, place: number): void {
  const times = seen.get(meter);
  if (times === undefined) seen.set(meter, new Map([[time, place]]));
  else times.set(time, place);
}

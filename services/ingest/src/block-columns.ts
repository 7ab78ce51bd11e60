import type { ReadingBlock } from '@songma/domain';
import type { MeterAtDoor } from './meters.ts';

/** Most readings in one block. */
export const blockRowsMax = 5_000;

const firstCapacity = 256;

/** The readings of one site on their way into a block: columns that grow up to {@link blockRowsMax}. */
export class BlockColumns {
  readonly site: string;
  /** Which block of the push this is, from 0. */
  readonly ordinal: number;
  readonly #mark: number;
  readonly #meters: string[] = [];
  /** Columns by meter: made when other pushes may have taken what the meters themselves remember. */
  #columns: Map<string, number> | undefined;
  #length = 0;
  #meterIndex: Uint32Array;
  #times: Float64Array;
  #values: Float64Array;
  #flags: Uint8Array;
  #rows: Uint32Array;

  /**
   * @param mark a number that no other block has
   * @param rowsExpected how many rows the push may still bring; it may be more
   */
  constructor(site: string, ordinal: number, mark: number, rowsExpected: number) {
    this.site = site;
    this.ordinal = ordinal;
    this.#mark = mark;
    const capacity = Math.max(1, Math.min(rowsExpected, firstCapacity));
    this.#meterIndex = new Uint32Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#values = new Float64Array(capacity);
    this.#flags = new Uint8Array(capacity);
    this.#rows = new Uint32Array(capacity);
  }

  get isFull(): boolean {
    return this.#length === blockRowsMax;
  }

  get length(): number {
    return this.#length;
  }

  timeAt(index: number): number {
    return this.#times[index]!;
  }

  meterAt(index: number): string {
    return this.#meters[this.#meterIndex[index]!]!;
  }

  /** As it is stored, in the meter's unit; NaN for none. */
  valueAt(index: number): number {
    return this.#values[index]!;
  }

  flagsAt(index: number): number {
    return this.#flags[index]!;
  }

  rowAt(index: number): number {
    return this.#rows[index]!;
  }

  /** Whether the reading at `index` says this; two readings without a value say the same. */
  says(index: number, value: number, flags: number): boolean {
    return Object.is(this.#values[index], value) && this.#flags[index] === flags;
  }

  add(meter: MeterAtDoor, row: number, time: number, value: number, flags: number): void {
    const at = this.#length;
    if (at === this.#times.length) this.#grow();
    if (meter.block !== this.#mark) {
      meter.block = this.#mark;
      meter.column = this.#columnOf(meter.id);
    }
    this.#meterIndex[at] = meter.column;
    this.#times[at] = time;
    this.#values[at] = value;
    this.#flags[at] = flags;
    this.#rows[at] = row;
    this.#length = at + 1;
  }

  /** The meters may forget their columns before the next reading comes. */
  interrupt(): void {
    this.#columns ??= new Map(this.#meters.map((meter, column) => [meter, column]));
  }

  toBlock(push: Pick<ReadingBlock, 'batch' | 'apiKey' | 'knownUs' | 'part' | 'parts'>): ReadingBlock {
    const { batch, apiKey, knownUs, part, parts } = push;
    const end = this.#length;
    return {
      site: this.site,
      batch,
      apiKey,
      knownUs,
      part,
      parts,
      meters: this.#meters,
      meterIndex: this.#meterIndex.subarray(0, end),
      times: this.#times.subarray(0, end),
      values: this.#values.subarray(0, end),
      flags: this.#flags.subarray(0, end),
      rows: this.#rows.subarray(0, end),
    };
  }

  #columnOf(meter: string): number {
    const known = this.#columns?.get(meter);
    if (known !== undefined) return known;
    const column = this.#meters.push(meter) - 1;
    this.#columns?.set(meter, column);
    return column;
  }

  #grow(): void {
    const capacity = Math.min(this.#times.length * 4, blockRowsMax);
    this.#meterIndex = copied(new Uint32Array(capacity), this.#meterIndex);
    this.#times = copied(new Float64Array(capacity), this.#times);
    this.#values = copied(new Float64Array(capacity), this.#values);
    this.#flags = copied(new Uint8Array(capacity), this.#flags);
    this.#rows = copied(new Uint32Array(capacity), this.#rows);
  }
}

function copied<T extends Uint8Array | Uint32Array | Float64Array>(target: T, source: T): T {
  target.set(source);
  return target;
}

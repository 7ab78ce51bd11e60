import { valueOf, type World, type WorldSite } from './world.ts';

/** Shares of readings that arrive otherwise than once, in time and right. */
export interface TrafficMix {
  readonly resent: number;
  readonly late: number;
  readonly corrected: number;
  readonly invalid: number;
}

/** The work that the design's numbers are stated for. */
export const designMix: TrafficMix = { resent: 0.01, late: 0.1, corrected: 0.001, invalid: 0.005 };

export interface TrafficRow {
  readonly meter: string;
  readonly time: string;
  readonly value: number;
}

export interface Push {
  readonly site: WorldSite;
  readonly batch: string;
  readonly rows: readonly TrafficRow[];
  /** What the world holds once this push is stored: meter index, step, value. */
  readonly effects: readonly (readonly [meter: number, step: number, value: number])[];
  /** Rows that the door must refuse. */
  readonly invalid: number;
}

/** How many pushes of its site later a late, resent or corrected reading comes. */
const pushesLater = 3;

interface Waiting {
  readonly dueAt: number;
  readonly meter: number;
  readonly step: number;
  readonly value: number;
}

export interface TrafficOptions {
  /** How many readings are first reported; rounded up to whole waves over all sites. */
  readonly readings: number;
  readonly batchRows: number;
  readonly mix: TrafficMix;
  /** Asked before each wave: true ends the traffic early, once what is late has come too. */
  readonly isEnough?: () => boolean;
}

/**
 * The pushes of a world, in the order in which they are to be sent: a wave over all sites, then the next steps.
 * Pushes of one site must be sent one after the other; `effects` are then what a right system holds in the end.
 * Every reading of the steps covered has arrived when the sequence ends.
 */
export function* traffic(world: World, options: TrafficOptions): Generator<Push> {
  const { sites, spec } = world;
  const random = mulberry(spec.seed);
  const metersPerPush = Math.min(options.batchRows, spec.metersPerSite);
  const stepsPerPush = Math.max(1, Math.floor(options.batchRows / spec.metersPerSite));
  const waiting = sites.map((): Waiting[] => []);
  const pushCount = sites.map(() => 0);
  const series = sites.length * spec.metersPerSite;
  const steps = Math.ceil(options.readings / series / stepsPerPush) * stepsPerPush;

  const emit = (site: WorldSite, fresh: Waiting[]): Push => {
    const number = pushCount[site.index]!++;
    const held = waiting[site.index]!;
    const due = held.filter((entry) => entry.dueAt <= number);
    waiting[site.index] = held.filter((entry) => entry.dueAt > number);
    const rows: TrafficRow[] = [];
    const effects: [number, number, number][] = [];
    let invalid = 0;
    for (const { meter, step, value } of [...fresh, ...due]) {
      const time = new Date(spec.from + step * spec.stepMs).toISOString();
      rows.push({ meter: site.meters[meter]!.id, time, value });
      effects.push([meter, step, value]);
      if (random() < options.mix.invalid) {
        rows.push({ meter: `${site.id}-nowhere`, time, value });
        invalid++;
      }
    }
    return { site, batch: `w${spec.seed}-${site.id}-${number}`, rows, effects, invalid };
  };

  const fresh = (site: WorldSite, meter: number, step: number, into: Waiting[]) => {
    const value = valueOf(spec, site.index, meter, site.meters[meter]!.role, step);
    const later = pushCount[site.index]! + pushesLater;
    const chance = random();
    if (chance < options.mix.late) {
      waiting[site.index]!.push({ dueAt: later, meter, step, value });
      return;
    }
    into.push({ dueAt: 0, meter, step, value });
    if (chance < options.mix.late + options.mix.resent) {
      waiting[site.index]!.push({ dueAt: later, meter, step, value });
    } else if (chance < options.mix.late + options.mix.resent + options.mix.corrected) {
      // Small enough that a counter goes on climbing and no hour changes sides of its limit.
      waiting[site.index]!.push({ dueAt: later, meter, step, value: value + 0.005 });
    }
  };

  for (let step = 0; step < steps && options.isEnough?.() !== true; step += stepsPerPush) {
    for (let first = 0; first < spec.metersPerSite; first += metersPerPush) {
      for (const site of sites) {
        const now: Waiting[] = [];
        const until = Math.min(first + metersPerPush, spec.metersPerSite);
        for (let at = step; at < step + stepsPerPush; at++) {
          for (let meter = first; meter < until; meter++) fresh(site, meter, at, now);
        }
        const push = emit(site, now);
        if (push.rows.length > 0) yield push;
      }
    }
  }
  for (const site of sites) {
    while (waiting[site.index]!.length > 0) {
      const push = emit(site, []);
      if (push.rows.length > 0) yield push;
    }
  }
}

/** Steps that {@link traffic} covers in full for these options. */
export function stepsCovered(world: World, options: { readings: number; batchRows: number }): number {
  const stepsPerPush = Math.max(1, Math.floor(options.batchRows / world.spec.metersPerSite));
  const series = world.sites.length * world.spec.metersPerSite;
  return Math.ceil(options.readings / series / stepsPerPush) * stepsPerPush;
}

/** Seeded uniform numbers in [0, 1) (Mulberry32). */
export function mulberry(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

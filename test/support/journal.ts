import type { World } from './world.ts';
import type { Push } from './traffic.ts';

/**
 * What a right system must hold, kept outside of it: the standing value of each meter at each step of the world, noted
 * when (and only when) the door has accepted the push.
 */
export interface Journal {
  /** Readings accepted, resends and corrections counted each time. */
  readonly accepted: number;
  note(push: Push): void;
  /** Standing value, or NaN where nothing was accepted. */
  valueAt(site: number, meter: number, step: number): number;
  /** Distinct (meter, step) accepted. */
  readonly distinct: number;
  /** Steps from the first to the last that was accepted. */
  readonly steps: number;
}

export function createJournal(world: World, stepsMax: number): Journal {
  const meters = world.spec.metersPerSite;
  const held = new Float64Array(world.sites.length * meters * stepsMax).fill(Number.NaN);
  let accepted = 0;
  let distinct = 0;
  let steps = 0;
  return {
    get steps() {
      return steps;
    },
    get accepted() {
      return accepted;
    },
    get distinct() {
      return distinct;
    },
    note({ site, effects }) {
      for (const [meter, step, value] of effects) {
        const at = (site.index * meters + meter) * stepsMax + step;
        if (Number.isNaN(held[at]!)) distinct++;
        held[at] = value;
        steps = Math.max(steps, step + 1);
      }
      accepted += effects.length;
    },
    valueAt: (site, meter, step) => held[(site * meters + meter) * stepsMax + step]!,
  };
}

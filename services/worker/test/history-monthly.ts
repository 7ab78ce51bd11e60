import type { Meter } from '@songma/domain';
import fc from 'fast-check';
import { dayMs, hourMs, type Row, type WorkerWorld } from './worker-world.ts';

/** Meters that are billed or read by hand once a month. */
export const monthlyMeters = ['bill', 'monthly'] as const;
/** What a register shows that was read wrong. */
export const wildValue = 429_496_728.2;

/** When a month begins in Thanh Hóa, counted from January 2026. */
const monthStart = (month: number) => Date.UTC(2026, month, 1) - 7 * hourMs;

/** A bill and a register of each of some months, but of one; now and then the register is read wrong. */
export function monthlyRows(
  first: number,
  months: number,
  { without, value }: { readonly without: number; readonly value: number },
): (Row & { readonly meter: (typeof monthlyMeters)[number]; readonly flags: number })[] {
  return Array.from({ length: months }, (_, i) => first + i)
    .filter((month) => month - first !== without)
    .flatMap((month) => [
      { meter: 'bill', time: monthStart(month), value: 100 * value + month, flags: 0 } as const,
      {
        meter: 'monthly',
        time: monthStart(month) + 4 * dayMs + 10 * hourMs,
        value: value === 9 && month % 2 === 0 ? wildValue : 50_000 + 720 * month + value,
        flags: 0,
      } as const,
    ]);
}

/** The interval of a bill, as it may be edited. */
export const billIntervals: fc.Arbitrary<Partial<Meter>> = fc.constantFrom(
  { interval: 'P1M', intervalMs: 31 * dayMs },
  { interval: 'P3M', intervalMs: 92 * dayMs },
  { interval: undefined, intervalMs: 30 * dayMs },
);

/** How a register runs and is set back, as it may be edited. */
export const registerFacts: fc.Arbitrary<Partial<Meter>> = fc.constantFrom(
  { direction: undefined, resets: undefined },
  { direction: 'both', resets: undefined },
  { direction: 'down', resets: undefined },
  { direction: undefined, resets: 'daily' },
);

/** Registers such meters at the site of a plant. */
export async function registerMonthlyMeters(world: WorkerWorld, id: string): Promise<void> {
  const monthly = { quantity: 'electricity', unit: 'kWh', interval: 'P1M', intervalMs: 31 * dayMs };
  for (const [name, kind] of [
    ['bill', 'interval'],
    ['monthly', 'counter'],
  ] as const) {
    const body = { ...monthly, id: `${id}-${name}`, site: `${id}-site`, name, kind };
    await world.register('meter', body);
  }
}

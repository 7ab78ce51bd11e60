import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { samplePlants } from '../src/plants.ts';
import { signalAt } from '../src/signal.ts';
import { pushRowsMax, pushSpanMs, rowsBetween } from '../src/simulator.ts';

const hourMs = 3_600_000;
const noon = Date.UTC(2026, 5, 15, 5);
const times = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) });

describe('a sample signal', () => {
  it('gives the same value for the same time', () => {
    for (const { meters } of samplePlants) {
      for (const { meter, signal } of meters) {
        expect(signalAt(signal, noon, meter.intervalMs)).toBe(signalAt(signal, noon, meter.intervalMs));
      }
    }
  });

  it('of a counter never falls', () => {
    const counters = samplePlants.flatMap(({ meters }) =>
      meters.filter(({ meter }) => meter.kind === 'counter'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...counters), times, ({ meter, signal }, time) => {
        const from = Math.floor(time / meter.intervalMs) * meter.intervalMs;
        expect(signalAt(signal, from + meter.intervalMs, meter.intervalMs)).toBeGreaterThanOrEqual(
          signalAt(signal, from, meter.intervalMs),
        );
      }),
    );
  });

  it('of an interval sums over a day to about its rate', () => {
    const { meter, signal } = samplePlants[0]!.meters.find((sample) => sample.meter.kind === 'interval')!;
    let sum = 0;
    for (let at = 0; at < 24 * hourMs; at += meter.intervalMs)
      sum += signalAt(signal, noon + at, meter.intervalMs);
    expect(sum / 24).toBeGreaterThan(0.97 * 140);
    expect(sum / 24).toBeLessThan(1.03 * 140);
  });
});

describe('the loggers of a sample plant', () => {
  it('give the same rows whether a span is asked for at once or in two parts', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samplePlants), fc.nat(8 * hourMs), (plant, cut) => {
        const from = noon - 8 * hourMs;
        const parts = [
          ...rowsBetween(plant, from, from + cut, noon),
          ...rowsBetween(plant, from + cut, noon, noon),
        ];
        expect(parts).toEqual(rowsBetween(plant, from, noon, noon));
      }),
      { numRuns: 30 },
    );
  });

  it('fill a push, and never more than it takes', () => {
    for (const plant of samplePlants) {
      const rows = rowsBetween(plant, noon - pushSpanMs(plant), noon, noon);
      expect(rows.length).toBeLessThanOrEqual(pushRowsMax);
      expect(rows.length).toBeGreaterThan(pushRowsMax / 2);
    }
  });

  it('bring the seafood plant above its limit when it is first seen', () => {
    const plant = samplePlants.find(({ enterprise }) => enterprise.id === 'cua-bien')!;
    const [limit] = plant.limits;
    const { factors } = limit!;
    const cod = rowsBetween(plant, noon - 5 * hourMs, noon, noon).filter((row) => row.meter === limit!.meter);
    const mean = cod.reduce((sum, row) => sum + Number(row.value), 0) / cod.length;
    expect(mean).toBeGreaterThan(limit!.value! * factors.kq! * factors.kf!);
  });
});

describe('what a sample plant registers', () => {
  it('names the supplier’s factor of everything that it buys beside grid electricity', () => {
    const bought = samplePlants.flatMap(({ meters, factors }) =>
      meters
        .filter(({ meter }) => meter.quantity === 'heat')
        .map(({ meter: { carrier } }) =>
          factors.some((one) => one.kind === 'supply' && one.carrier === carrier),
        ),
    );
    expect(bought).toEqual([true]);
  });

  it('weighs every product of a plant that states equivalent products', () => {
    const stated = samplePlants.flatMap(({ enterprise: { allocation }, meters }) => {
      if (allocation === undefined) return [];
      const made = meters.flatMap(({ meter }) => (meter.quantity === 'production' ? meter.product : []));
      return [[made, allocation.weights?.map(({ product }) => product)]];
    });
    expect(stated).toEqual([
      [
        ['billet', 'rolled steel'],
        ['billet', 'rolled steel'],
      ],
    ]);
  });
});

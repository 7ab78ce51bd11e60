import { meterSchema, type Indicator, type Meter, type Rollup } from '@songma/domain';
import { describe, expect, it } from 'vitest';
import {
  computeIndicator,
  indicatorDefinitions,
  inputRole,
  publishIndicator,
  type ScopedMeter,
} from '../src/index.ts';

const [intensity] = indicatorDefinitions;
const start = Date.parse('2026-03-01T17:00:00Z');
const end = start + 86_400_000;

function meter(id: string, fields: Partial<Meter> = {}): Meter {
  return meterSchema.parse({
    id,
    site: 's',
    name: id,
    quantity: 'electricity',
    kind: 'interval',
    unit: 'kWh',
    intervalMs: 900_000,
    ...fields,
  });
}

function rolledUp(of: Meter, sum: number | null, coverage = 1, revision = 1): ScopedMeter {
  const rollup: Rollup = {
    site: of.site,
    meter: of.id,
    window: 'P1D',
    start,
    end,
    count: 96,
    expected: 96,
    coveredMs: coverage * 86_400_000,
    coverage,
    sum,
    mean: null,
    min: null,
    max: null,
    calibrating: 0,
    fault: 0,
    outOfRange: 0,
    spreadMs: 0,
    irregular: 0,
    revision,
  };
  return { meter: of, rollup };
}

const power = meter('power');
const steel = meter('steel', { quantity: 'production', unit: 't', intervalMs: 86_400_000 });
const compute = (...meters: ScopedMeter[]) =>
  computeIndicator(intensity!, { enterprise: 'e', window: 'P1D', start, end, meters });

describe('the electricity intensity', () => {
  it('is the ratio of sums over all meters, in kWh per tonne', () => {
    const main = meter('main', { unit: 'MWh', kind: 'counter' });
    const cement = meter('cement', { quantity: 'production', unit: 'kg', kind: 'counter' });
    // (3,000 + 2,000) kWh / (40 + 10) t; a mean of ratios would not give 100.
    const indicator = compute(
      rolledUp(power, 3000),
      rolledUp(main, 2, 0.95, 4),
      rolledUp(steel, 40),
      rolledUp(cement, 10_000),
    );
    expect(indicator).toEqual({
      id: `e/electricity-intensity/P1D/${start}`,
      enterprise: 'e',
      name: 'electricity-intensity',
      window: 'P1D',
      start,
      end,
      value: 100,
      unit: 'kWh/t',
      coverage: 0.95,
      withheld: null,
      numerator: 5000,
      denominator: 50,
      inputs: [
        { meter: 'main', revision: 4 },
        { meter: 'power', revision: 1 },
        { meter: 'cement', revision: 1 },
        { meter: 'steel', revision: 1 },
      ],
    });
  });

  it.each([
    ['coverage', [rolledUp(power, 3000, 0.89), rolledUp(steel, 40)]],
    ['coverage', [rolledUp(power, 3000), { meter: meter('silent'), rollup: undefined }, rolledUp(steel, 40)]],
    ['coverage', [rolledUp(power, 3000), rolledUp(steel, 0, 0.5)]],
    ['zero-production', [rolledUp(power, 3000), rolledUp(steel, 0)]],
    ['no-production-reported', [rolledUp(power, 3000), rolledUp(steel, null, 0)]],
    ['no-production-reported', [rolledUp(power, 3000), { meter: steel, rollup: undefined }]],
    ['no-production-reported', [rolledUp(power, 3000)]],
    ['no-energy-reported', [rolledUp(power, null, 0), rolledUp(steel, 40)]],
  ] as const)('is withheld for %s', (reason, meters) => {
    expect(compute(...meters)).toMatchObject({ value: null, withheld: reason });
  });

  it('is given at the least coverage', () => {
    expect(compute(rolledUp(power, 3000, 0.9), rolledUp(steel, 40))).toMatchObject({
      value: 75,
      withheld: null,
    });
  });

  it('does not apply to an enterprise without an electricity meter', () => {
    expect(compute(rolledUp(steel, 40))).toBeUndefined();
  });

  it('leaves out what is no active energy and no mass', () => {
    expect(inputRole(intensity!, meter('reactive', { unit: 'kvarh' }))).toBeUndefined();
    expect(inputRole(intensity!, meter('load', { unit: 'kW', kind: 'level' }))).toBeUndefined();
    expect(inputRole(intensity!, meter('beer', { quantity: 'production', unit: 'hL' }))).toBeUndefined();
    expect(inputRole(intensity!, power)).toBe('numerator');
    expect(inputRole(intensity!, steel)).toBe('denominator');
  });
});

describe('a publication', () => {
  const draft = compute(rolledUp(power, 3000), rolledUp(steel, 40))!;
  const first = publishIndicator(draft, undefined, 'readings', 5)!;

  it('is the first revision when nothing was published', () => {
    expect(first).toEqual({
      id: draft.id,
      before: null,
      after: { ...draft, revision: 1, publishedAt: 5 },
      cause: 'readings',
    });
  });

  it('is none when the numbers are as they were', () => {
    const recounted = compute(rolledUp(power, 3000, 1, 2), rolledUp(steel, 40))!;
    expect(publishIndicator(recounted, first.after, 'readings', 6)).toBeUndefined();
  });

  it('restates what changed, with before, after and cause', () => {
    const after = compute(rolledUp(power, 3100), rolledUp(steel, 40))!;
    const event = publishIndicator(after, first.after, 'registry', 6)!;
    expect(event).toMatchObject({
      cause: 'registry',
      before: { value: 75, revision: 1 },
      after: { value: 77.5, revision: 2 },
    });
    const withheld: Indicator = {
      ...first.after,
      ...compute(rolledUp(power, null, 0), rolledUp(steel, 40))!,
    };
    expect(publishIndicator(after, withheld, 'readings', 7)?.after.withheld).toBeNull();
  });
});

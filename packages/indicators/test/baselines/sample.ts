import { meterSchema, type Meter } from '@songma/domain';
import type { BaselinePeriod, BaselineTerms, Measured } from '../../src/index.ts';

export const measured = (value: number | null, coverage = 1): Measured => ({ value, coverage });

/** A month of 2025, or with `year` of another, of which that much was used and made. Whole unless told. */
export function month(
  index: number,
  resource: number | null,
  production: number | null,
  { year = 2025, coverage = 1, drivers = [measured(production, coverage)] as readonly Measured[] } = {},
): BaselinePeriod {
  return {
    start: Date.UTC(year, index, 1),
    end: Date.UTC(year, index + 1, 1),
    resource: measured(resource, coverage),
    production: measured(production),
    drivers,
  };
}

export const ratio: BaselineTerms = {
  model: 'ratio',
  drivers: [],
  coverageMin: 0.9,
  acceptance: { r2Min: 0.75, cvRmseMax: 0.2, driverPMax: 0.1 },
};
export const regression: BaselineTerms = { ...ratio, model: 'regression', drivers: ['production'] };

/** Tonnes of twelve months. */
export const tonnes = [100, 120, 90, 110, 130, 95, 105, 125, 115, 100, 85, 140];

/** A base load of 2,000 kWh and 50 kWh a tonne, and a little that neither explains. */
export const plant = tonnes.map((made, i) => month(i, 2000 + 50 * made + [30, -20, -10][i % 3]!, made));

export const year2025 = { start: Date.UTC(2025, 0, 1), end: Date.UTC(2026, 0, 1) };

export function meter(id: string, fields: Partial<Meter> = {}): Meter {
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

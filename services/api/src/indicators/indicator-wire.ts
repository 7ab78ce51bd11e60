import { indicatorSchema, type Indicator } from '@songma/domain';
import type { Registry } from '@songma/registry';
import { z } from 'zod';
import { houseZone, isoInZone } from '../iso-time.ts';
import { isoTimeSchema } from '../routes.ts';
import type { Cells, Columns } from '../series/stream.ts';

/** An indicator as it is answered: times as text, in the zone of its enterprise's sites. */
export const indicatorWireSchema = z
  .object({
    ...indicatorSchema.shape,
    start: isoTimeSchema,
    end: isoTimeSchema,
    publishedAt: isoTimeSchema,
    value: z.number().nullable().meta({ description: 'Null when withheld; `withheld` tells why.' }),
    coverage: z
      .number()
      .meta({ description: 'Share of what was expected that is there, 0 to 1: the least of its inputs.' }),
  })
  .meta({
    examples: [
      {
        id: 'lam-son/electricity-intensity/P1D/1767200400000',
        enterprise: 'lam-son',
        name: 'electricity-intensity',
        window: 'P1D',
        start: '2026-01-01T00:00:00+07:00',
        end: '2026-01-02T00:00:00+07:00',
        value: 92.4,
        unit: 'kWh/t',
        coverage: 1,
        withheld: null,
        numerator: 462_000,
        denominator: 5000,
        revision: 2,
        inputs: [{ meter: 'lam-son-kwh', revision: 3 }],
        publishedAt: '2026-01-02T00:01:12+07:00',
      },
    ],
  });
export type IndicatorWire = z.infer<typeof indicatorWireSchema>;

export function indicatorWire(indicator: Indicator, registry: Registry): IndicatorWire {
  const zone = zoneOf(indicator.enterprise, registry);
  return {
    ...indicator,
    start: isoInZone(indicator.start, zone),
    end: isoInZone(indicator.end, zone),
    publishedAt: isoInZone(indicator.publishedAt, zone),
  };
}

/** Columns of an indicator as a table. */
export const indicatorColumns = {
  id: 'text',
  enterprise: 'text',
  name: 'text',
  window: 'text',
  start: 'time',
  end: 'time',
  value: 'number',
  unit: 'text',
  coverage: 'number',
  withheld: 'text',
  numerator: 'number',
  denominator: 'number',
  revision: 'integer',
  inputs: 'text',
  publishedAt: 'time',
} as const satisfies Columns;

/** An input is `meter:revision`. */
export function indicatorCells({ inputs, ...rest }: IndicatorWire): Cells {
  return { ...rest, inputs: inputs.map(({ meter, revision }) => `${meter}:${revision}`) };
}

/** Zone in which an enterprise's windows are told: that of its first site. */
export function zoneOf(enterprise: string, registry: Registry): string {
  return registry.sitesOfEnterprise(enterprise)[0]?.timeZone ?? houseZone;
}

import { assuranceOf, leastAssured, indicatorSchema, type Indicator } from '@songma/domain';
import type { Registry } from '@songma/registry';
import { z } from 'zod';
import { houseZone, isoInZone } from '../iso-time.ts';
import { isoTimeSchema } from '../routes.ts';
import { declaredVoid, declaredVoidSchema, declaredVoidText, voidsKnownAt } from '../voids/declared-voids.ts';
import type { Cells, Columns } from '../answers/cells.ts';

/** An indicator as it is answered: times as text, in the zone of its site or of its enterprise's first. */
export const indicatorWireSchema = z
  .object({
    ...indicatorSchema.shape,
    site: z.string().optional().meta({ description: 'Absent: the whole enterprise.' }),
    product: z.string().optional().meta({ description: 'Absent: all that is made together.' }),
    start: isoTimeSchema,
    end: isoTimeSchema,
    publishedAt: isoTimeSchema,
    value: z.number().nullable().meta({ description: 'Null when withheld; `withheld` tells why.' }),
    coverage: z.number().meta({
      description:
        'Share of what was expected that is there, 0 to 1: the least of its inputs. In whole percent while there ' +
        'is too little, 0 while unfinished.',
    }),
    numerator: z.number().nullable().meta({
      description: 'The whole sum of its side in the window. `value` is not the ratio of the whole sums.',
    }),
    denominator: z.number().nullable().meta({ description: 'The whole sum of the other side.' }),
    matchedNumerator: z.number().optional().meta({
      description: 'The sum over the time in which all inputs are known: `value` is the ratio of the two.',
    }),
    matchedDenominator: z.number().optional(),
    matchedShare: z.number().min(0).max(1).optional().meta({
      description: 'Share of the window in which all inputs are known, 0 to 1.',
    }),
    restates: z.boolean().optional().meta({
      description: 'Whether it replaced numbers that had been published as finished.',
    }),
    estimatedShare: z
      .number()
      .optional()
      .meta({
        description:
          'Share of the covered time whose amounts are spread over gaps or counter glitches, 0 to 1: the greatest of ' +
          'its inputs. Absent while the sums are not told.',
      }),
    biogenicCo2: z
      .number()
      .optional()
      .meta({ description: 'kg of CO2 from biomass in the window, which is in no total.' }),
    voids: z.array(declaredVoidSchema).optional().meta({
      description:
        'What had been declared void of its inputs in the window, and by whom; absent where nothing was.',
    }),
  })
  .meta({
    title: 'Indicator',
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
        matchedNumerator: 462_000,
        matchedDenominator: 5000,
        matchedShare: 1,
        estimatedShare: 0,
        restates: true,
        revision: 2,
        inputs: [{ meter: 'lam-son-kwh', revision: 3 }],
        publishedAt: '2026-01-02T00:01:12+07:00',
      },
      {
        id: 'lam-son/lam-son-1/ghg-scope-2-intensity/P1M/1764522000000',
        enterprise: 'lam-son',
        site: 'lam-son-1',
        name: 'ghg-scope-2-intensity',
        window: 'P1M',
        start: '2025-12-01T00:00:00+07:00',
        end: '2026-01-01T00:00:00+07:00',
        value: 60.91008,
        unit: 'kgCO2e/t',
        coverage: 0.998,
        withheld: null,
        numerator: 9_441_062.4,
        denominator: 155_000,
        estimatedShare: 0.0125,
        factors: [
          { id: 'grid-vn-2023', version: 1, verified: false, assurance: 'memory', provisional: true },
        ],
        revision: 1,
        inputs: [{ meter: 'lam-son-kwh', revision: 41 }],
        publishedAt: '2026-01-01T00:15:09+07:00',
      },
      {
        id: 'lam-son/product=PC40/final-energy-intensity/P1Y/1735664400000',
        enterprise: 'lam-son',
        product: 'PC40',
        name: 'final-energy-intensity',
        window: 'P1Y',
        start: '2025-01-01T00:00:00+07:00',
        end: '2026-01-01T00:00:00+07:00',
        value: 3120,
        unit: 'MJ/t',
        coverage: 0.998,
        withheld: null,
        numerator: 3_744_000_000,
        denominator: 1_200_000,
        estimatedShare: 0.004,
        factors: [
          {
            id: 'ipcc-2006-anthracite-ncv',
            version: 1,
            verified: false,
            assurance: 'memory',
            provisional: false,
          },
        ],
        allocation: { rule: 'equivalent', version: 3 },
        revision: 1,
        inputs: [{ meter: 'lam-son-kwh', revision: 365 }],
        publishedAt: '2026-01-01T00:15:09+07:00',
      },
    ],
  });
export type IndicatorWire = z.infer<typeof indicatorWireSchema>;

export function indicatorWire(indicator: Indicator, registry: Registry): IndicatorWire {
  const { enterprise, site } = indicator;
  const ofSite = site === undefined ? undefined : registry.get('site', site)?.body.timeZone;
  const zone = ofSite ?? zoneOf(enterprise, registry);
  const { start: from, end: to, inputs, publishedAt } = indicator;
  const meters = inputs.map(({ meter }) => meter);
  const voids = voidsKnownAt(registry, meters, { from: from + 1, to: to - 1 }, publishedAt);
  return {
    ...indicator,
    ...(voids.length === 0 ? {} : { voids: voids.map((declared) => declaredVoid(registry, declared, zone)) }),
    start: isoInZone(indicator.start, zone),
    end: isoInZone(indicator.end, zone),
    publishedAt: isoInZone(indicator.publishedAt, zone),
  };
}

/** Columns of an indicator as a table. */
export const indicatorColumns = {
  id: 'text',
  enterprise: 'text',
  site: 'text',
  product: 'text',
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
  matchedNumerator: 'number',
  matchedDenominator: 'number',
  matchedShare: 'number',
  estimatedShare: 'number',
  biogenicCo2: 'number',
  gwpSet: 'text',
  allocation: 'text',
  factors: 'text',
  verified: 'boolean',
  assurance: 'text',
  provisional: 'boolean',
  revision: 'integer',
  inputs: 'text',
  publishedAt: 'time',
  rules: 'integer',
  voids: 'text',
} as const satisfies Columns;

/**
 * An input is `meter:revision`, a factor `id:version`, an allocation `rule:version`. Verified is what rests on verified
 * factors alone, as sure as the least sure of them; provisional what rests on a provisional one; empty where no factor
 * was needed.
 */
export function indicatorCells(indicator: IndicatorWire): Cells {
  const { inputs, factors, allocation, voids = [], restates: _, ...rest } = indicator;
  const { rules = 0 } = indicator;
  const { matchedNumerator = null, matchedDenominator = null, matchedShare = null } = indicator;
  const { site = null, product = null, estimatedShare = null, biogenicCo2 = null, gwpSet = null } = indicator;
  return {
    ...rest,
    rules,
    voids: voids.map(declaredVoidText),
    ...{ matchedNumerator, matchedDenominator, matchedShare },
    ...{ site, product, estimatedShare, biogenicCo2, gwpSet },
    allocation: allocation === undefined ? null : `${allocation.rule}:${allocation.version}`,
    factors: (factors ?? []).map(({ id, version }) => `${id}:${version}`),
    verified: factors === undefined ? null : factors.every(({ verified }) => verified),
    assurance: leastAssured((factors ?? []).map(assuranceOf)) ?? null,
    provisional: factors === undefined ? null : factors.some(({ provisional }) => provisional),
    inputs: inputs.map(({ meter, revision }) => `${meter}:${revision}`),
  };
}

/** Zone in which an enterprise's windows are told: that of its first site. */
export function zoneOf(enterprise: string, registry: Pick<Registry, 'sitesOfEnterprise'>): string {
  return registry.sitesOfEnterprise(enterprise)[0]?.timeZone ?? houseZone;
}

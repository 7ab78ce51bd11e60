import { assuranceSchema, baselineSchema, usedFactorSchema, type Bilingual } from '@songma/domain';
import {
  baselineWithheld,
  criterionNames,
  leftOutReasons,
  periodFlags,
  secVerdicts,
  type FittedBaseline,
  type SavingPeriod,
  type Savings,
  type SecNorm,
  type SecYear,
  type TargetJudgement,
} from '@songma/indicators';
import { z } from 'zod';
import { isoInZone } from '../iso-time.ts';
import { isoTimeSchema } from '../routes.ts';
import type { CellKind } from '../answers/cells.ts';

const amount = z.number().nullable();
const bilingual = z.object({ en: z.string(), vi: z.string() }).meta({ title: 'Bilingual' });
const { shape } = baselineSchema;

export const savingRowSchema = z
  .object({
    start: isoTimeSchema,
    end: isoTimeSchema,
    actual: amount.meta({
      description: 'Used in the matched time, in `unit`; null: nothing was reported.',
    }),
    production: amount.meta({
      description: 'Made in the matched time, in `productionUnit`; zero is zero, null is not known.',
    }),
    intensity: amount.meta({ description: 'Null also where nothing was made.' }),
    expected: amount.meta({
      description: 'By the model, with `adjustment`; null when the period is left out.',
    }),
    saving: amount.meta({ description: 'Expected less actual: positive is saved.' }),
    cusum: amount.meta({
      description: 'Running sum of actual less expected: it falls while there are savings.',
    }),
    adjustment: z.number(),
    coverage: z
      .number()
      .meta({ description: 'Share of what was expected that is there: the least of the inputs.' }),
    matchedShare: z.number().meta({
      description:
        'Share of the period in which everything that is metered is known: what is used, made and expected is of that time.',
    }),
    leftOut: z.enum(leftOutReasons).nullable().meta({ description: 'Why the period does not count.' }),
    flags: z.array(z.enum(periodFlags)),
    outside: z
      .array(z.string())
      .meta({ description: 'Inputs beyond the range that the model was fitted on.' }),
  })
  .meta({ title: 'SavingPeriod' });
export type SavingRow = z.infer<typeof savingRowSchema>;
export const savingColumns = {
  start: 'time',
  end: 'time',
  actual: 'number',
  production: 'number',
  intensity: 'number',
  expected: 'number',
  saving: 'number',
  cusum: 'number',
  adjustment: 'number',
  coverage: 'number',
  matchedShare: 'number',
  leftOut: 'text',
  flags: 'text',
  outside: 'text',
} as const satisfies Record<keyof SavingRow, CellKind>;

const coefficientSchema = z.object({
  name: z.string().meta({ description: '`base-load`, or a driver.' }),
  value: z.number(),
  standardError: z.number(),
  t: amount,
  p: z.number(),
});

const modelSchema = z.object({
  kind: z.enum(['ratio', 'regression']).nullable().meta({ description: 'What is in use; null: nothing.' }),
  withheld: z.enum(baselineWithheld).nullable(),
  refused: z.boolean().meta({ description: 'A regression failed a criterion: the ratio stands in for it.' }),
  accepted: z.boolean(),
  criteria: z.array(
    z.object({
      name: z.enum(criterionNames),
      driver: z.string().optional(),
      value: amount,
      bound: z.number(),
      is: z.enum(['at-least', 'at-most', 'below']),
      passed: z.boolean(),
    }),
  ),
  ratio: z.object({ resource: z.number(), production: z.number(), intensity: z.number() }).nullable(),
  regression: z
    .object({
      coefficients: z.array(coefficientSchema),
      n: z.int(),
      degreesOfFreedom: z.int(),
      r2: amount,
      adjustedR2: amount,
      residualDeviation: z.number(),
      cvRmse: amount,
      f: amount,
      fP: z.number(),
      residuals: z.array(z.number()),
    })
    .nullable()
    .meta({ description: 'Also the one that was refused.' }),
  periods: z.int().meta({ description: 'That the model stands on.' }),
  leftOut: z.array(z.object({ start: isoTimeSchema, end: isoTimeSchema, reason: z.enum(leftOutReasons) })),
  ranges: z.array(z.object({ name: z.string(), min: z.number(), max: z.number() })),
});

const totalsSchema = z.object({
  periods: z.int(),
  leftOut: z.int(),
  actual: amount,
  expected: amount,
  adjustment: amount,
  production: amount,
  intensity: amount,
  saving: amount,
  savingShare: amount.meta({ description: '1 − actual/expected.' }),
  productivityGain: amount.meta({ description: 'expected/actual − 1.' }),
});

const targetSchema = z.object({
  id: z.string(),
  title: bilingual,
  min: z.number(),
  max: z.number(),
  validFrom: z.string(),
  validTo: z.string(),
  document: z.string(),
  verified: z
    .boolean()
    .meta({ description: 'False: nobody has compared it with the text of the law itself yet.' }),
  assurance: assuranceSchema.meta({ description: 'How sure it is.' }),
  covered: z.boolean().meta({ description: 'Whether the text names this resource; else a comparison only.' }),
  verdict: z.enum(['below', 'within', 'above']).nullable(),
});

const yearSchema = z.object({
  year: z.string(),
  energy: z.number(),
  production: z.number(),
  share: z
    .number()
    .meta({ description: 'How much of the year counts; below 1 it is no year’s consumption.' }),
  verdict: z.enum(secVerdicts).nullable().meta({ description: 'Null when nothing was made.' }),
  value: amount.meta({ description: 'In the norm’s unit.' }),
  bound: amount,
  endedOn: z.string().nullable().meta({ description: 'When the last bound ended, where none is in force.' }),
});

const normSchema = z.object({
  id: z.string(),
  product: bilingual,
  unit: z.string(),
  document: z.string(),
  verified: z.boolean(),
  assurance: assuranceSchema,
  years: z.array(yearSchema),
});

export const savingsSchema = z.object({
  baseline: z.object({
    id: shape.id,
    version: z.int(),
    name: z.string(),
    enterprise: shape.enterprise,
    site: z.string().nullable(),
    resource: shape.resource,
    period: shape.period,
    from: shape.from,
    to: shape.to,
    model: shape.model,
    drivers: z.array(z.string()),
    coverageMin: z.number(),
    adjustments: shape.adjustments,
    reason: z.string(),
  }),
  unit: z.string(),
  productionUnit: z.string(),
  timeZone: z.string(),
  asOf: isoTimeSchema.nullable(),
  meters: z.object({ resource: z.array(z.string()), production: z.array(z.string()) }),
  factors: z.array(usedFactorSchema).meta({
    description:
      'Calorific values that fuel was counted by in the baseline and in the items; empty where none was needed.',
  }),
  model: modelSchema,
  totals: totalsSchema.meta({ description: 'Over the items that count and lie outside the baseline.' }),
  changePoint: z
    .object({
      at: isoTimeSchema.meta({ description: 'Start of the first period after the change.' }),
      method: z.literal('pettitt'),
      statistic: z.number(),
      p: z.number(),
      significant: z.boolean(),
      meanBefore: z.number().meta({ description: 'Actual less expected, a period.' }),
      meanAfter: z.number(),
    })
    .nullable(),
  targets: z.array(targetSchema),
  norm: normSchema.nullable(),
  items: z.array(savingRowSchema),
});
export type SavingsWire = z.infer<typeof savingsSchema>;

export function savingRow(period: SavingPeriod, zone: string): SavingRow {
  const { start, end, flags, outside, matchedShare = 1 } = period;
  return {
    ...period,
    start: isoInZone(start, zone),
    end: isoInZone(end, zone),
    matchedShare,
    flags: [...flags],
    outside: [...outside],
  };
}

export function modelWire(fitted: FittedBaseline, zone: string): SavingsWire['model'] {
  const { model, withheld, isRefused, criteria, isAccepted, regression, ratio, periods, ranges } = fitted;
  return {
    kind: model,
    withheld,
    refused: isRefused,
    accepted: isAccepted,
    criteria: [...criteria],
    ratio,
    regression: regression && {
      ...regression,
      coefficients: [...regression.coefficients],
      residuals: [...regression.residuals],
    },
    periods,
    leftOut: fitted.leftOut.map(({ start, end, reason }) => ({
      start: isoInZone(start, zone),
      end: isoInZone(end, zone),
      reason,
    })),
    ranges: [...ranges],
  };
}

export function changePointWire(change: Savings['changePoint'], zone: string): SavingsWire['changePoint'] {
  if (change === null) return null;
  const { at, statistic, p, isSignificant: significant, meanBefore, meanAfter } = change;
  return { at: isoInZone(at, zone), method: 'pettitt', statistic, p, significant, meanBefore, meanAfter };
}

export function targetWire({ band, isCovered, verdict }: TargetJudgement): SavingsWire['targets'][number] {
  const { covers: _covers, ...facts } = band;
  return { ...facts, title: both(band.title), covered: isCovered, verdict };
}

export function normWire(norm: SecNorm, years: readonly SecYear[]): SavingsWire['norm'] {
  const { id, product, unit, document, verified, assurance } = norm;
  return {
    id,
    product: both(product),
    unit,
    document,
    verified,
    assurance,
    years: years.map(({ judgement, ...sums }) => ({
      ...sums,
      verdict: judgement?.verdict ?? null,
      value: judgement?.value ?? null,
      bound: judgement?.bound?.value ?? null,
      endedOn: judgement?.endedOn ?? null,
    })),
  };
}

const both = ({ en, vi }: Bilingual) => ({ en, vi });

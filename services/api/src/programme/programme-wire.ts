import { assuranceSchema, type Enterprise } from '@songma/domain';
import {
  programmeReasons,
  reasonText,
  shareOf,
  targetStates,
  type CountedTarget,
  type ProgrammeJudgement,
  type ProgrammeReasonCode,
  type ProgrammeTarget,
  type SavingTarget,
  type TargetSet,
} from '@songma/indicators';
import { z } from 'zod';
import { isoTimeSchema } from '../routes.ts';
import type { Cells, Columns } from '../answers/cells.ts';

const bilingual = z.object({ en: z.string(), vi: z.string() }).meta({ title: 'Bilingual' });
const range = z.object({ min: z.number(), max: z.number() });
const amount = z.number().nullable();
const text = z.string().nullable();
const reasonCodes = Object.keys(programmeReasons) as [ProgrammeReasonCode, ...ProgrammeReasonCode[]];

export const shareSchema = z
  .object({
    id: z.string(),
    title: bilingual,
    target: amount.meta({
      description: 'Share of those asked that shall be so; null: the text names none.',
    }),
    number: range.nullable().meta({ description: 'Where a number of things is asked for, and no share.' }),
    band: range
      .nullable()
      .meta({ description: 'Of a saving: share of the use that is saved per unit of product.' }),
    covered: z
      .boolean()
      .nullable()
      .meta({ description: 'Of a saving: whether the text names this resource; else a comparison only.' }),
    verified: z.boolean().meta({ description: 'False: nobody has compared it with the text itself yet.' }),
    assurance: assuranceSchema.meta({ description: 'How sure it is.' }),
    of: z.enum(['enterprises', 'persons']).nullable().meta({
      description: 'Null: the target is about what is not registered here, and nothing is counted.',
    }),
    numerator: amount,
    denominator: amount.meta({ description: 'All that are asked, also those of whom nothing is known.' }),
    share: amount,
    shareMax: amount.meta({
      description: 'The share if all of whom nothing is known met it; null for persons.',
    }),
    reached: z
      .boolean()
      .nullable()
      .meta({ description: 'Null: no share is named, or what is not known decides.' }),
    yes: amount,
    no: amount,
    unknown: amount,
    notAsked: amount,
    reasons: z
      .array(z.object({ code: z.enum(reasonCodes), enterprises: z.int() }))
      .meta({ description: 'Why enterprises are not among the `yes`, most first.' }),
  })
  .meta({ title: 'ProgrammeShare' });
export type ShareWire = z.infer<typeof shareSchema>;

export const shareColumns = {
  id: 'text',
  en: 'text',
  vi: 'text',
  target: 'number',
  bandMin: 'number',
  bandMax: 'number',
  covered: 'boolean',
  verified: 'boolean',
  assurance: 'text',
  of: 'text',
  numerator: 'number',
  denominator: 'number',
  share: 'number',
  shareMax: 'number',
  reached: 'boolean',
  yes: 'integer',
  no: 'integer',
  unknown: 'integer',
  notAsked: 'integer',
  reasons: 'text',
} as const satisfies Columns;

export function shareCells({ title, number, band, reasons, ...rest }: ShareWire): Cells {
  return {
    ...rest,
    ...title,
    bandMin: band?.min ?? number?.min ?? null,
    bandMax: band?.max ?? number?.max ?? null,
    reasons: reasons.map(({ code, enterprises }) => `${code}:${enterprises}`),
  };
}

export const programmeSchema = z.object({
  targets: z.object({
    id: z.string(),
    title: bilingual,
    document: z.string(),
    validFrom: z.iso.date(),
    validTo: z.iso.date().meta({ description: 'Exclusive.' }),
    inForce: z.boolean(),
  }),
  at: z.iso.date(),
  asOf: isoTimeSchema.nullable(),
  sector: text,
  enterprises: z
    .int()
    .meta({ description: 'Registered ones: those that nobody registered are in no share.' }),
  items: z.array(shareSchema),
});
export type ProgrammeWire = z.infer<typeof programmeSchema>;

export function setWire(set: TargetSet, date: string): ProgrammeWire['targets'] {
  const { id, title, document, validFrom, validTo } = set;
  const inForce = validFrom <= date && date < validTo;
  return { id, title: { ...title }, document, validFrom, validTo, inForce };
}

/** A target with its share. */
export function countedWire(
  target: CountedTarget | SavingTarget,
  judgements: readonly ProgrammeJudgement[],
): ShareWire {
  const { isReached: reached, reasons, ...share } = shareOf(target, judgements);
  return { ...targetWire(target), ...share, reached, reasons: [...reasons] };
}

/** A target of which nothing is counted. */
export function targetWire(target: ProgrammeTarget): ShareWire {
  const { id, title, share, assurance, verified } = target;
  return {
    id,
    title: { ...title },
    target: share,
    number: 'number' in target ? { ...target.number } : null,
    band: 'band' in target ? { min: target.band.min, max: target.band.max } : null,
    covered: 'isCovered' in target ? target.isCovered : null,
    verified,
    assurance,
    of: null,
    numerator: null,
    denominator: null,
    share: null,
    shareMax: null,
    reached: null,
    yes: null,
    no: null,
    unknown: null,
    notAsked: null,
    reasons: [],
  };
}

export const standingSchema = z.object({
  enterprise: z.string(),
  name: z.string(),
  sector: z.string(),
  size: text,
  state: z.enum(targetStates),
  reason: bilingual
    .extend({ code: z.enum(reasonCodes) })
    .nullable()
    .meta({ description: 'What is missing, or why it is not asked; null for `yes`.' }),
  since: z.iso.date().nullable(),
  evidence: text,
  baseline: text,
  saving: amount.meta({ description: 'Share of what was expected that was saved in the twelve months.' }),
  trained: amount,
  of: amount,
});
export type StandingWire = z.infer<typeof standingSchema>;

export const standingColumns = {
  enterprise: 'text',
  name: 'text',
  sector: 'text',
  size: 'text',
  state: 'text',
  code: 'text',
  en: 'text',
  vi: 'text',
  since: 'text',
  evidence: 'text',
  baseline: 'text',
  saving: 'number',
  trained: 'integer',
  of: 'integer',
} as const satisfies Columns;

export function standingWire(enterprise: Enterprise, judgement: ProgrammeJudgement): StandingWire {
  const { state, reason, since, evidence, saving, persons } = judgement;
  return {
    enterprise: enterprise.id,
    name: enterprise.name,
    sector: enterprise.sector,
    size: enterprise.size ?? null,
    state,
    reason: reason && { code: reason.code, ...reasonText(reason) },
    since: since ?? null,
    evidence: evidence ?? null,
    baseline: saving?.baseline ?? null,
    saving: saving?.share ?? null,
    trained: persons?.trained ?? null,
    of: persons?.of ?? null,
  };
}

export function standingCells({ reason, ...rest }: StandingWire): Cells {
  return { ...rest, ...(reason ?? { code: null, en: null, vi: null }) };
}

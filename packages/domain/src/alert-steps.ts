import { z } from 'zod';
import { alertSchema, type Alert, type AlertAcknowledgement, type AlertCause } from './alert.ts';
import { hourValiditySchema, limitAveragings, severities } from './limit.ts';

/** What a revision did to an alert. */
export const alertChanges = ['raised', 'revised', 'resolved', 'reopened', 'replaced', 'voided'] as const;
export type AlertChange = (typeof alertChanges)[number];

const subjectSchema = z.object({ alert: z.string(), at: z.int() });

/** One revision of an alert, whole: what machines tell of it. */
const revisedSchema = subjectSchema.extend({
  step: z.literal('revised'),
  change: z.enum(alertChanges),
  after: alertSchema,
});

/** Steps that earlier builds wrote: an alert was told once, when it was raised. */
const raisedSchema = subjectSchema.extend({
  step: z.literal('raised'),
  limit: z.string(),
  meter: z.string(),
  source: z.string().optional(),
  site: z.string(),
  enterprise: z.string(),
  parameter: z.string(),
  unit: z.string(),
  limitVersion: z.int().positive().optional(),
  averaging: z.enum(limitAveragings).optional(),
  validity: hourValiditySchema.optional(),
  since: z.int(),
  mean: z.number(),
  limitValue: z.number(),
  bound: z.enum(['max', 'min']).optional(),
  coverage: z.number(),
  validHours: z.int().nonnegative().optional(),
  operatingHours: z.int().nonnegative().optional(),
  ratio: z.number().nullable(),
  severity: z.enum(severities).nullable().optional(),
  document: z.string(),
  verified: z.boolean(),
});
const resolvedSchema = subjectSchema.extend({
  step: z.literal('resolved'),
  until: z.int(),
  mean: z.number(),
});
const voidedSchema = subjectSchema.extend({
  step: z.literal('voided'),
  reason: z.enum(['corrected', 'limit-changed']),
});

const acknowledgedSchema = subjectSchema.extend({
  step: z.literal('acknowledged'),
  by: z.string(),
  note: z.string().optional(),
});

/**
 * One step in an alert's life: the value of a record of topic `alerts`. Machines tell each revision whole, and of the
 * same revision the last counts; people's steps stand beside them, and of acknowledgements the first counts.
 */
export const alertStepSchema = z.discriminatedUnion('step', [
  revisedSchema,
  raisedSchema,
  resolvedSchema,
  voidedSchema,
  acknowledgedSchema,
]);
export type AlertStep = z.infer<typeof alertStepSchema>;
export type RevisedStep = z.infer<typeof revisedSchema>;
/** A step of a machine as earlier builds wrote it. */
export type EarlierStep =
  z.infer<typeof raisedSchema> | z.infer<typeof resolvedSchema> | z.infer<typeof voidedSchema>;

const stepNames: ReadonlySet<string> = new Set(alertStepSchema.options.map(({ shape }) => shape.step.value));
const namedSchema = z.object({ step: z.string() });

/**
 * Reads the value of a record of topic `alerts`; undefined for a step of a kind that this build does not know, which
 * every reader passes over: kinds are rolled out service by service.
 * @throws ZodError for what is no step, or not as its kind has it
 */
export function readAlertStep(value: unknown): AlertStep | undefined {
  const { step } = namedSchema.parse(value);
  return stepNames.has(step) ? alertStepSchema.parse(value) : undefined;
}

/** The acknowledgement that a step tells of. */
export function acknowledgementOf({
  alert,
  at,
  by,
  note,
}: Extract<AlertStep, { step: 'acknowledged' }>): AlertAcknowledgement {
  return { alert, at, by, ...(note === undefined ? {} : { note }) };
}

const causeOfReason = { corrected: 'correction', 'limit-changed': 'limit' } as const satisfies Record<
  string,
  AlertCause
>;

/**
 * The revision that a step of an earlier build comes to, given the alert as it stands. Undefined when it says nothing
 * new: a raising that is known, an end without a beginning, whatever follows a voiding.
 */
export function revisionOfEarlierStep(step: EarlierStep, before: Alert | undefined): Alert | undefined {
  if (step.step === 'raised') return before === undefined ? raisedAlert(step) : undefined;
  if (before === undefined || before.state === 'voided') return undefined;
  const revision = before.revision + 1;
  if (step.step === 'voided') {
    const cause = causeOfReason[step.reason];
    return { ...before, state: 'voided', revision, cause, changedAt: step.at };
  }
  if (before.state !== 'open') return undefined;
  const { until, at } = step;
  const knownUntil = Math.max(before.knownUntil, until);
  return { ...before, state: 'resolved', until, knownUntil, revision, changedAt: at, resolvedAt: at };
}

function raisedAlert(step: Extract<EarlierStep, { step: 'raised' }>): Alert {
  const { alert: id, at, since, limitVersion, source, validity, coverage } = step;
  const averaging = step.averaging ?? 'PT1H';
  const window = {
    start: since,
    // How long it was is not told; of an hour it is known.
    end: averaging === 'PT1H' ? since + 3_600_000 : since + 1,
    mean: step.mean,
    limitValue: step.limitValue,
    bound: step.bound ?? 'max',
    coverage,
    ...(step.validHours === undefined ? {} : { validHours: step.validHours }),
    ...(step.operatingHours === undefined ? {} : { operatingHours: step.operatingHours }),
    ratio: step.ratio,
    severity: step.severity ?? null,
  } as const;
  return {
    id,
    kind: 'exceedance',
    limit: step.limit,
    ...(limitVersion === undefined ? {} : { limitVersion }),
    meter: step.meter,
    ...(source === undefined ? {} : { source }),
    site: step.site,
    enterprise: step.enterprise,
    parameter: step.parameter,
    unit: step.unit,
    averaging,
    ...(validity === undefined ? {} : { validity }),
    document: step.document,
    verified: step.verified,
    origin: since,
    state: 'open',
    since,
    until: null,
    knownUntil: window.end,
    first: window,
    peak: window,
    latest: window,
    windows: 1,
    coverage,
    stale: false,
    revision: 1,
    cause: 'readings',
    raisedAt: at,
    changedAt: at,
  };
}

import { z } from 'zod';
import { deliveryKinds } from './case-kinds.ts';
import { severities } from './limit.ts';

/** Characters of what people write into a case, at most. */
export const caseTextMax = 2000;
const textSchema = z.string().trim().min(1).max(caseTextMax);

/** By which way a person acted. */
export const caseWays = ['web', 'link', 'api'] as const;
export type CaseWay = (typeof caseWays)[number];

/** What a plant finds to be the cause. @see 40 CFR 60.7(c) for what a report of excess emissions asks of it */
export const answerCauses = [
  'start-up-shutdown',
  'malfunction',
  'control-equipment',
  'process',
  'fuel-or-material',
  'monitoring-fault',
  'calibration-maintenance',
  'power-or-network',
  'other',
] as const;
/** What an officer concludes. */
export const caseConclusions = [
  'exceedance-confirmed',
  'explained',
  'data-fault',
  'passed-on',
  'no-action',
] as const;
/** Why a case is not told for a while. */
export const shelfReasons = [
  'declared-maintenance',
  'calibration',
  'commissioning',
  'known-fault',
  'duplicate',
] as const;
export const shelfScopes = ['case', 'limit', 'site'] as const;

/** Of the delivery: a silence of a site as it stands. The newest revision of an id counts. Times are epoch ms. */
export const incidentSchema = z.object({
  id: z.string(),
  kind: z.enum(deliveryKinds),
  enterprise: z.string(),
  site: z.string(),
  /** The last arrival before it. */
  since: z.int(),
  /** The arrival that ended it; null as long as nothing has arrived. */
  until: z.int().nullable(),
  raisedAt: z.int(),
  revision: z.int().positive(),
  changedAt: z.int(),
});
export type Incident = z.infer<typeof incidentSchema>;

/** Every step has an id of its own, by which one that is delivered again is known, and names an alert of the case. */
const step = <N extends string, S extends z.ZodRawShape>(name: N, shape: S) =>
  z.object({ step: z.literal(name), id: z.string(), case: z.string(), at: z.int(), ...shape });
/** Of people: by whom (a person; or the key, of one that is nobody's). */
const personal = { by: z.string(), via: z.enum(caseWays) };

/** One step of what people and the desk do about a case: the value of a record of topic `cases`. */
export const caseStepSchema = z.discriminatedUnion('step', [
  step('incident', { incident: incidentSchema }),
  step('acknowledged', { ...personal, until: z.int().optional(), note: z.string().optional() }),
  step('assigned', { ...personal, to: z.string() }),
  step('commented', { ...personal, text: textSchema, visibility: z.enum(['office', 'plant']) }),
  /** `by` is absent where a policy asks. */
  step('asked', { by: z.string().optional(), dueAt: z.int(), text: textSchema.optional() }),
  step('answered', {
    ...personal,
    cause: z.enum(answerCauses),
    text: textSchema,
    action: textSchema.optional(),
  }),
  step('shelved', {
    ...personal,
    scope: z.enum(shelfScopes),
    until: z.int(),
    /** It ends with what is open then. */
    oneShot: z.boolean(),
    reason: z.enum(shelfReasons),
    text: textSchema.optional(),
    /** The second officer, of a long one. */
    second: z.string().optional(),
  }),
  step('unshelved', { ...personal }),
  step('closed', {
    ...personal,
    conclusion: z.enum(caseConclusions),
    text: textSchema.optional(),
    document: z.string().optional(),
    /** Band of the case when it was closed: a worse one opens it again. */
    severity: z.enum(severities).nullable(),
  }),
  step('reopened', { ...personal, text: textSchema.optional() }),
  /** The desk tells the next persons. */
  step('escalated', {
    /** Which step of the policy, from 0, and in which round, from 0. */
    level: z.int().nonnegative(),
    round: z.int().nonnegative(),
    /** `id@version`; `default` for the built-in one. */
    policy: z.string(),
    to: z.array(z.object({ person: z.string(), why: z.string() })),
    /** Nobody was on duty, or could be reached: the administrators are told. */
    nobody: z.boolean(),
    /** Found long afterwards: told once, in office hours. */
    found: z.boolean(),
    /** Not told before then. */
    notBefore: z.int().optional(),
  }),
]);
export type CaseStep = z.infer<typeof caseStepSchema>;
export type CaseStepOf<N extends CaseStep['step']> = Extract<CaseStep, { readonly step: N }>;

const caseStepNames: ReadonlySet<string> = new Set(
  caseStepSchema.options.map(({ shape }) => shape.step.value),
);
const namedStepSchema = z.object({ step: z.string() });

/**
 * Reads the value of a record of topic `cases`; undefined for a step that this build does not know.
 * @throws ZodError for what is no step, or not as its kind has it
 */
export function readCaseStep(value: unknown): CaseStep | undefined {
  const { step: name } = namedStepSchema.parse(value);
  return caseStepNames.has(name) ? caseStepSchema.parse(value) : undefined;
}

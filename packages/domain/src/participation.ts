import { z } from 'zod';
import { dateSchema, idSchema } from './fields.ts';

const textSchema = z.string().trim().min(1).max(500);

/** What an enterprise was found to be, or not to be: what nobody has declared is unknown, which is no "no". */
export const declaredSchema = z
  .strictObject({
    holds: z.boolean(),
    /** Date from which it is so, in Viet Nam. */
    since: dateSchema,
    /** Document that shows it: a decision, a certificate, minutes of a visit. */
    evidence: textSchema,
  })
  .meta({ title: 'Declared' });
export type Declared = z.infer<typeof declaredSchema>;

/** Of those who are in charge of cleaner production, how many have been trained. */
export const trainingSchema = z.strictObject({
  trained: z.int().nonnegative(),
  of: z.int().positive(),
  /** Date of the count. */
  on: dateSchema,
  /** Whom, and by whom. */
  who: textSchema,
  evidence: textSchema,
});
export type Training = z.infer<typeof trainingSchema>;

/**
 * The part that an enterprise takes in the cleaner production programme. Its id is that of the enterprise: there is
 * one.
 */
export const participationSchema = z.object({
  id: idSchema,
  /** Knows what cleaner production is good for. */
  aware: declaredSchema.optional(),
  /** Applies cleaner production. */
  applying: declaredSchema.optional(),
  /** Has a unit or a person of its own in charge of it. */
  dedicatedUnit: declaredSchema.optional(),
  training: trainingSchema.optional(),
  /** ISO 14001 is certified. */
  iso14001: declaredSchema.optional(),
  /** Which baselines its savings are told against, one for a resource; needed where a resource has several. */
  baselines: z.array(idSchema).max(20).default([]),
});
export type Participation = z.infer<typeof participationSchema>;

/** Tasks of an assessment of cleaner production, numbered from 1. */
export const assessmentTasks = 18;

export const taskStates = ['under-way', 'done'] as const;
export const taskProgressSchema = z.strictObject({
  task: z.int().min(1).max(assessmentTasks),
  state: z.enum(taskStates),
  /** Date on which it was begun or done. */
  on: dateSchema,
  note: textSchema.optional(),
  evidence: textSchema.optional(),
});
export type TaskProgress = z.infer<typeof taskProgressSchema>;

/**
 * How far an enterprise is with its assessment. Its id is that of the enterprise. A task without an entry has not
 * begun.
 */
export const assessmentSchema = z.object({
  id: idSchema,
  tasks: z.array(taskProgressSchema).max(assessmentTasks).default([]),
});
export type Assessment = z.infer<typeof assessmentSchema>;

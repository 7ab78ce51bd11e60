import { z } from 'zod';
import { assuranceSchema } from './assurance.ts';
import { hourValiditySchema, limitAveragings, severities } from './limit.ts';

/** What an alert is about. */
export const alertKinds = ['exceedance'] as const;
export type AlertKind = (typeof alertKinds)[number];

/**
 * Where an alert stands:
 *
 * - `open`: its condition has not ended, as far as is known;
 * - `resolved`: it has ended; a resolved alert that turns out to go on is open again, under the same id;
 * - `replaced`: its condition turned out to be part of another alert's, which `replacedBy` names;
 * - `voided`: nothing stands of it. Its numbers are those that it had last.
 */
export const alertStates = ['open', 'resolved', 'replaced', 'voided'] as const;
export type AlertState = (typeof alertStates)[number];

/**
 * What moved an alert: readings that came, readings that were corrected, a void, the limit, another fact of the
 * registry, newer rules of this software, or time that passed.
 */
export const alertCauses = ['readings', 'correction', 'void', 'limit', 'registry', 'rules', 'clock'] as const;
export type AlertCause = (typeof alertCauses)[number];

/** A window beyond a limit. */
export const alertWindowSchema = z.object({
  /** Epoch milliseconds, start inclusive, end exclusive. */
  start: z.int(),
  end: z.int(),
  mean: z.number(),
  /** What the mean was compared with, factors applied, and which bound that is. */
  limitValue: z.number(),
  bound: z.enum(['max', 'min']),
  /** Coverage of an hour; of a longer window the share of valid ones among its operating hours. */
  coverage: z.number(),
  /** Of a longer window: hours that were valid, and hours in which the source operated. */
  validHours: z.int().nonnegative().optional(),
  operatingHours: z.int().nonnegative().optional(),
  /** Mean over limit, and the band that it lies in; null for a range, where a ratio means nothing. */
  ratio: z.number().nullable(),
  severity: z.enum(severities).nullable(),
});
export type AlertWindow = z.infer<typeof alertWindowSchema>;

/**
 * A time beyond a limit, as it stands: a result like an indicator, whose every number follows the verdicts that stand.
 * Times are epoch milliseconds.
 */
export const alertSchema = z.object({
  /** `limit/origin`, with `/2` and so on where that is taken. It never changes. */
  id: z.string(),
  kind: z.enum(alertKinds),
  limit: z.string(),
  /** Version of the limit that was judged by; absent in what earlier builds told. */
  limitVersion: z.int().positive().optional(),
  meter: z.string(),
  source: z.string().optional(),
  site: z.string(),
  enterprise: z.string(),
  parameter: z.string(),
  unit: z.string(),
  averaging: z.enum(limitAveragings),
  /** Which hours were taken for valid; absent in what earlier builds told. */
  validity: hourValiditySchema.optional(),
  document: z.string(),
  verified: z.boolean(),
  /** How sure the limit's value is; absent in what earlier builds told. */
  assurance: assuranceSchema.optional(),
  /** Start of the first window, as it was when the alert was first raised. It never changes: lists are in its order. */
  origin: z.int(),
  state: z.enum(alertStates),
  /** Start of the first window beyond the limit. */
  since: z.int(),
  /** End of the last window beyond it, once the condition has ended; null while it may go on. */
  until: z.int().nullable(),
  /** Up to where the condition is known to have lasted: the end of the last window beyond the limit. */
  knownUntil: z.int(),
  /** The first window beyond the limit, the one farthest beyond it (the earliest of equals), and the last. */
  first: alertWindowSchema,
  peak: alertWindowSchema,
  latest: alertWindowSchema,
  /** Windows beyond the limit. */
  windows: z.int().positive(),
  /** The least of their coverages. */
  coverage: z.number(),
  /** Nothing has been judged for three windows since the latest one, although the source operated or may have. */
  stale: z.boolean(),
  /** Alerts whose conditions turned out to be part of this one's, or from which it was split off. */
  replaces: z.array(z.string()).optional(),
  /** The alert that this one's condition turned out to be part of. */
  replacedBy: z.string().optional(),
  /** Rises by one each time the alert changes, from 1. */
  revision: z.int().positive(),
  /** What made this revision. */
  cause: z.enum(alertCauses),
  /** When the alert was raised, when this revision was made, and since when it is resolved. */
  raisedAt: z.int(),
  changedAt: z.int(),
  resolvedAt: z.int().optional(),
});
export type Alert = z.infer<typeof alertSchema>;

/** End of the time that an alert lasted, as far as that is known: an open one goes on for ever. */
export function lastsUntil({ state, until, knownUntil }: Alert): number {
  return state === 'open' ? Infinity : (until ?? knownUntil);
}

/** That somebody has taken an alert up. The first of an alert counts. */
export const alertAcknowledgementSchema = z.object({
  alert: z.string(),
  at: z.int(),
  /** Id of the API key. */
  by: z.string(),
  note: z.string().optional(),
});
export type AlertAcknowledgement = z.infer<typeof alertAcknowledgementSchema>;

/** What an alert's id is made of. */
export interface AlertKey {
  readonly limit: string;
  readonly origin: number;
  /** From 1. */
  readonly generation: number;
}

/** The id of the alert that was first found to begin at `origin`; `generation` tells apart those of one place. */
export function alertId({ limit, origin, generation }: AlertKey): string {
  return generation === 1 ? `${limit}/${origin}` : `${limit}/${origin}/${generation}`;
}

const idPattern = /^(?<limit>[^/]+)\/(?<origin>-?\d{1,15})(?:\/(?<generation>\d{1,6}))?$/;

/** Reads what {@link alertId} wrote; undefined for what it cannot have written. */
export function parseAlertId(id: string): AlertKey | undefined {
  const { limit, origin, generation = '1' } = idPattern.exec(id)?.groups ?? {};
  if (limit === undefined || origin === undefined) return undefined;
  const key = { limit, origin: Number(origin), generation: Number(generation) };
  return alertId(key) === id ? key : undefined;
}

import {
  alertCauses,
  alertKinds,
  alertStates,
  assuranceOf,
  assuranceSchema,
  hourValiditySchema,
  limitAveragings,
  severities,
  type AlertWindow,
} from '@songma/domain';
import { severityBands } from '@songma/limits';
import type { Registry } from '@songma/registry';
import type { KeptAlert } from '@songma/series-store';
import { z } from 'zod';
import { houseZone, isoInZone } from '../iso-time.ts';
import { isoTimeSchema } from '../routes.ts';
import { declaredVoid, declaredVoidSchema } from '../voids/declared-voids.ts';
import { contestedBy, voidsOfAlert } from './alert-voids.ts';

/** States as they are answered: an open alert that somebody has taken up is `acknowledged`. */
export const shownStates = [
  'open',
  'acknowledged',
  'resolved',
  'replaced',
  'voided',
] as const satisfies readonly ((typeof alertStates)[number] | 'acknowledged')[];
export type ShownState = (typeof shownStates)[number];

const severitySchema = z
  .enum(severities)
  .nullable()
  .meta({
    description:
      `Band that the ratio lies in, by its beginning; after ${severityBands.document}` +
      `${severityBands.verified ? '' : ', not verified against the text'}. Null where the limit is a range.`,
  });
const ratioSchema = z.number().nullable();

const windowSchema = z
  .object({
    start: isoTimeSchema,
    end: isoTimeSchema,
    mean: z.number().meta({ description: 'Of a day or a month over its valid hours.' }),
    limitValue: z.number().meta({ description: 'What it was compared with, factors applied.' }),
    bound: z.enum(['max', 'min']).meta({ description: 'Whether that is an upper or a lower bound.' }),
    ratio: ratioSchema.meta({ description: 'Mean over limit; null where the limit is a range.' }),
    severity: severitySchema,
    coverage: z.number().meta({
      description:
        'How much of the window was there, 0 to 1; of a day or a month the share of valid ones among its operating hours.',
    }),
    validHours: z
      .int()
      .nullable()
      .meta({ description: 'Of a day or a month: hours that its mean is of; null for an hour.' }),
    operatingHours: z
      .int()
      .nullable()
      .meta({ description: 'Of a day or a month: hours in which the source was not known to be off.' }),
  })
  .meta({ title: 'AlertWindow' });

/** An alert as it is answered: times as text, in the zone of its site. */
export const alertWireSchema = z
  .object({
    id: z.string(),
    kind: z.enum(alertKinds),
    state: z.enum(shownStates).meta({
      description:
        '`open` while its condition may go on, `acknowledged` when somebody has taken that up, `resolved` when it has ' +
        'ended, `replaced` when it turned out to be part of another one, `voided` when nothing stands of it.',
    }),
    enterprise: z.string(),
    site: z.string(),
    source: z.string().nullable(),
    meter: z.string(),
    limit: z.string(),
    limitVersion: z
      .int()
      .nullable()
      .meta({ description: 'The version that was judged by; null where it was not kept.' }),
    averaging: z.enum(limitAveragings),
    validity: hourValiditySchema.nullable().meta({ description: 'Which hours were taken for valid.' }),
    parameter: z.string(),
    unit: z.string(),
    since: isoTimeSchema.meta({ description: 'Start of the first window beyond the limit.' }),
    until: isoTimeSchema
      .nullable()
      .meta({ description: 'End of the last window beyond it, once that is over.' }),
    knownUntil: isoTimeSchema.meta({
      description: 'Up to where it is known to have lasted: the end of the last window beyond the limit.',
    }),
    stale: z.boolean().meta({
      description:
        'Nothing has been judged for three windows since then, although the source operated or may have.',
    }),
    windows: z.int().meta({ description: 'Windows beyond the limit.' }),
    mean: z.number().meta({ description: 'Of the first window beyond the limit.' }),
    limitValue: z.number().meta({ description: 'What that was compared with, factors applied.' }),
    bound: z.enum(['max', 'min']).meta({ description: 'Whether that is an upper or a lower bound.' }),
    ratio: ratioSchema.meta({
      description: 'Of the peak: mean over limit; null where the limit is a range.',
    }),
    severity: severitySchema,
    coverage: z.number().meta({ description: 'The least of its windows’ coverages, 0 to 1.' }),
    first: windowSchema,
    peak: windowSchema.meta({ description: 'The window farthest beyond the limit, the earliest of equals.' }),
    latest: windowSchema,
    document: z.string().meta({ description: 'Legal source of the limit.' }),
    verified: z
      .boolean()
      .meta({ description: 'False: nobody has compared the value with the legal text yet.' }),
    assurance: assuranceSchema.meta({ description: 'How sure the limit’s value is.' }),
    replaces: z.array(z.string()).meta({
      description: 'Alerts that turned out to be part of this one, or that it was split off from.',
    }),
    replacedBy: z.string().nullable().meta({ description: 'The alert that it turned out to be part of.' }),
    revision: z.int().meta({ description: 'Rises by one each time the alert changes, from 1.' }),
    cause: z.enum(alertCauses).meta({
      description:
        'What made this revision: `readings` that came, a `correction`, a `void`, the `limit`, another fact of the ' +
        '`registry`, newer `rules` of this software, or the `clock`.',
    }),
    raisedAt: isoTimeSchema,
    changedAt: isoTimeSchema.meta({ description: 'When this revision was made.' }),
    resolvedAt: isoTimeSchema.nullable(),
    acknowledged: z.object({ at: isoTimeSchema, by: z.string(), note: z.string().nullable() }).nullable(),
    voided: z.object({ at: isoTimeSchema, reason: z.enum(alertCauses) }).nullable(),
    voids: z.array(declaredVoidSchema).meta({
      description: 'What had been declared void of its time, or of a window beside it, and by whom.',
    }),
    contested: declaredVoidSchema.nullable().meta({
      description:
        'A plant declared this void after an officer had acknowledged the alert: what he took up is not what the alert ' +
        'says now. It needs his look.',
    }),
    timeZone: z.string(),
  })
  .meta({
    title: 'Alert',
    description:
      'A time beyond the reference limit; what follows from it is for the authority to conclude. Every number follows ' +
      'the readings that stand.',
  });
export type AlertWire = z.infer<typeof alertWireSchema>;

export function alertWire({ alert, acknowledged }: KeptAlert, registry: Registry): AlertWire {
  const zone = registry.get('site', alert.site)?.body.timeZone ?? houseZone;
  const iso = (time: number) => isoInZone(time, zone);
  const window = ({ start, end, ...numbers }: AlertWindow) => ({
    start: iso(start),
    end: iso(end),
    ...numbers,
    validHours: numbers.validHours ?? null,
    operatingHours: numbers.operatingHours ?? null,
  });
  const { first, peak, latest, state, changedAt, cause } = alert;
  const voids = voidsOfAlert(alert, registry);
  const contested = contestedBy(voids, acknowledged, registry);
  return {
    id: alert.id,
    kind: alert.kind,
    state: state === 'open' && acknowledged !== undefined ? 'acknowledged' : state,
    enterprise: alert.enterprise,
    site: alert.site,
    source: alert.source ?? null,
    meter: alert.meter,
    limit: alert.limit,
    limitVersion: alert.limitVersion ?? null,
    averaging: alert.averaging,
    validity: alert.validity ?? null,
    parameter: alert.parameter,
    unit: alert.unit,
    since: iso(alert.since),
    until: alert.until === null ? null : iso(alert.until),
    knownUntil: iso(alert.knownUntil),
    stale: alert.stale,
    windows: alert.windows,
    mean: first.mean,
    limitValue: first.limitValue,
    bound: first.bound,
    ratio: peak.ratio,
    severity: peak.severity,
    coverage: alert.coverage,
    first: window(first),
    peak: window(peak),
    latest: window(latest),
    document: alert.document,
    verified: alert.verified,
    assurance: alert.assurance ?? assuranceOf(alert),
    replaces: [...(alert.replaces ?? [])],
    replacedBy: alert.replacedBy ?? null,
    revision: alert.revision,
    cause,
    raisedAt: iso(alert.raisedAt),
    changedAt: iso(changedAt),
    resolvedAt: alert.resolvedAt === undefined ? null : iso(alert.resolvedAt),
    acknowledged:
      acknowledged === undefined
        ? null
        : { at: iso(acknowledged.at), by: acknowledged.by, note: acknowledged.note ?? null },
    voided: state === 'voided' ? { at: iso(changedAt), reason: cause } : null,
    voids: voids.map((declared) => declaredVoid(registry, declared, zone)),
    contested: contested === undefined ? null : declaredVoid(registry, contested, zone),
    timeZone: zone,
  };
}

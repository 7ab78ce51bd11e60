import { hourValiditySchema, limitAveragings, severities } from '@songma/domain';
import { severityBands, type AlertState } from '@songma/limits';
import type { Registry } from '@songma/registry';
import { z } from 'zod';
import { houseZone, isoInZone } from '../iso-time.ts';
import { isoTimeSchema } from '../routes.ts';

export const alertStates = ['open', 'acknowledged', 'resolved', 'voided'] as const;

/** An alert as it is answered: times as text, in the zone of its site. */
export const alertWireSchema = z
  .object({
    id: z.string(),
    state: z.enum(alertStates),
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
    mean: z.number().meta({
      description: 'Of the first window beyond the limit; of a day or a month over its valid hours.',
    }),
    limitValue: z.number().meta({ description: 'What it was compared with, factors applied.' }),
    bound: z.enum(['max', 'min']).meta({ description: 'Whether that is an upper or a lower bound.' }),
    ratio: z.number().nullable().meta({ description: 'Mean over limit; null where the limit is a range.' }),
    severity: z
      .enum(severities)
      .nullable()
      .meta({
        description:
          `Band that the ratio lies in, by its beginning; after ${severityBands.document}` +
          `${severityBands.verified ? '' : ', not verified against the text'}. Null where the limit is a range.`,
      }),
    coverage: z.number().meta({
      description:
        'How much of that window was there, 0 to 1; of a day or a month the share of valid ones among its operating hours.',
    }),
    validHours: z
      .int()
      .nullable()
      .meta({ description: 'Of a day or a month: hours that its mean is of; null for an hour.' }),
    operatingHours: z
      .int()
      .nullable()
      .meta({ description: 'Of a day or a month: hours in which the source was not known to be off.' }),
    document: z.string().meta({ description: 'Legal source of the limit.' }),
    verified: z
      .boolean()
      .meta({ description: 'False: nobody has compared the value with the legal text yet.' }),
    raisedAt: isoTimeSchema,
    resolvedAt: isoTimeSchema.nullable(),
    acknowledged: z.object({ at: isoTimeSchema, by: z.string(), note: z.string().nullable() }).nullable(),
    voided: z.object({ at: isoTimeSchema, reason: z.string() }).nullable(),
    timeZone: z.string(),
  })
  .meta({
    description: 'Beyond the reference limit; what follows from it is for the authority to conclude.',
  });
export type AlertWire = z.infer<typeof alertWireSchema>;

export function alertWire(alert: AlertState, registry: Pick<Registry, 'get'>): AlertWire {
  const zone = registry.get('site', alert.site)?.body.timeZone ?? houseZone;
  const iso = (time: number) => isoInZone(time, zone);
  const { acknowledged, voided } = alert;
  return {
    id: alert.id,
    state: alert.state,
    enterprise: alert.enterprise,
    site: alert.site,
    source: alert.source ?? null,
    meter: alert.meter,
    limit: alert.limit,
    limitVersion: alert.limitVersion ?? null,
    averaging: alert.averaging ?? 'PT1H',
    validity: alert.validity ?? null,
    parameter: alert.parameter,
    unit: alert.unit,
    since: iso(alert.since),
    until: alert.until === undefined ? null : iso(alert.until),
    mean: alert.mean,
    limitValue: alert.limitValue,
    bound: alert.bound ?? 'max',
    ratio: alert.ratio,
    severity: alert.severity ?? null,
    coverage: alert.coverage,
    validHours: alert.validHours ?? null,
    operatingHours: alert.operatingHours ?? null,
    document: alert.document,
    verified: alert.verified,
    raisedAt: iso(alert.raisedAt),
    resolvedAt: alert.resolvedAt === undefined ? null : iso(alert.resolvedAt),
    acknowledged:
      acknowledged === undefined
        ? null
        : { at: iso(acknowledged.at), by: acknowledged.by, note: acknowledged.note ?? null },
    voided: voided === undefined ? null : { at: iso(voided.at), reason: voided.reason },
    timeZone: zone,
  };
}

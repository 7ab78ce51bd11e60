import type { AlertState } from '@songma/limits';
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
    parameter: z.string(),
    unit: z.string(),
    since: isoTimeSchema.meta({ description: 'Start of the first window above the limit.' }),
    until: isoTimeSchema
      .nullable()
      .meta({ description: 'End of the last window above it, once that is over.' }),
    mean: z.number().meta({ description: 'Of the first window above the limit.' }),
    limitValue: z.number().meta({ description: 'What it was compared with, factors applied.' }),
    ratio: z.number(),
    coverage: z.number().meta({ description: 'How much of that window was there, 0 to 1.' }),
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
  .meta({ description: 'Above the reference limit; what follows from it is for the authority to conclude.' });
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
    parameter: alert.parameter,
    unit: alert.unit,
    since: iso(alert.since),
    until: alert.until === undefined ? null : iso(alert.until),
    mean: alert.mean,
    limitValue: alert.limitValue,
    ratio: alert.ratio,
    coverage: alert.coverage,
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

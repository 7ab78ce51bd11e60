import { idSchema } from '@songma/domain';
import type { EventLog } from '@songma/event-log';
import type { AlertBook, AlertState } from '@songma/limits';
import type { Registry } from '@songma/registry';
import type { HttpApp } from '@songma/runtime';
import { z } from 'zod';
import { mayKnow, readers, type Gate, type Reader } from '../access.ts';
import { pageOf, pageQuery, paginate, type PageKey } from '../paging.ts';
import { problem } from '../problems.ts';
import { described, documented, wordsSchema } from '../routes.ts';
import { alertStates, alertWire, alertWireSchema } from './alert-wire.ts';

export interface AlertRoutesDeps {
  readonly registry: Registry;
  readonly eventLog: Pick<EventLog, 'append'>;
  /** Folded from the log by this process. */
  readonly alerts: AlertBook;
  readonly gate: Gate;
  readonly now: () => number;
}

const querySchema = z.strictObject({
  state: wordsSchema(alertStates)
    .optional()
    .meta({ description: 'States, separated by commas; all unless told.', examples: ['open,acknowledged'] }),
  enterprise: idSchema.optional(),
  ...pageQuery,
});
const keyShape = z.tuple([z.number(), z.string()]);
const noteSchema = z.strictObject({ note: z.string().trim().min(1).max(1000).optional() });
/** `limit/start of the condition`, escaped as one part of the path. */
const paramsSchema = z.object({ id: z.string().min(1).max(200) });

/** `GET /v1/alerts`, `GET /v1/alerts/{id}`, `POST /v1/alerts/{id}/acknowledge`. */
export function addAlertRoutes(app: HttpApp, deps: AlertRoutesDeps): void {
  const { registry, alerts, gate } = deps;
  const list = described({
    tag: 'alerts',
    roles: readers,
    anonymous: true,
    summary: 'Alerts',
    description: 'The latest condition first. A correction voids an alert; it is never deleted.',
    problems: ['cursor_invalid'],
  });
  app.get(
    '/v1/alerts',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(list),
        querystring: querySchema,
        response: { 200: pageOf(alertWireSchema), ...list.problems },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const reader = gate.reader(request);
      const visible = [...alerts.all()]
        .filter(
          (alert) =>
            mayKnow(reader, alert.enterprise) &&
            (query.enterprise === undefined || alert.enterprise === query.enterprise) &&
            (query.state === undefined || query.state.includes(alert.state)),
        )
        .toSorted((a, b) => latestFirst(keyOf(a), keyOf(b)));
      const page = paginate(visible, { route: 'alerts', query, keyOf, keyShape, compare: latestFirst });
      return reply.send({ items: page.items.map((alert) => alertWire(alert, registry)), next: page.next });
    },
  );

  const one = described({
    tag: 'alerts',
    roles: readers,
    anonymous: true,
    summary: 'Read one alert',
    problems: ['not_found'],
  });
  app.get(
    '/v1/alerts/:id',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(one),
        params: paramsSchema,
        response: { 200: alertWireSchema, ...one.problems },
      },
    },
    async (request, reply) =>
      reply.send(alertWire(knownAlert(deps, gate.reader(request), request.params.id), registry)),
  );
  addAcknowledging(app, deps);
}

function addAcknowledging(app: HttpApp, deps: AlertRoutesDeps): void {
  const { registry, eventLog, alerts, gate, now } = deps;
  const roles = ['officer', 'admin'] as const;
  const text = described({
    tag: 'alerts',
    roles,
    summary: 'Acknowledge an alert',
    description:
      'Says that somebody has taken it up. The first acknowledgement counts; another changes nothing.',
    problems: ['not_found', 'alert_voided', 'body_not_json'],
  });
  const encoder = new TextEncoder();
  app.post(
    '/v1/alerts/:id/acknowledge',
    {
      onRequest: gate.allow(roles, { anonymous: false }),
      schema: {
        ...documented(text),
        params: paramsSchema,
        body: noteSchema.nullish(),
        response: { 200: alertWireSchema, ...text.problems },
      },
    },
    async (request, reply) => {
      const reader = gate.reader(request);
      const { id } = request.params;
      const alert = knownAlert(deps, reader, id);
      if (alert.voided !== undefined) throw problem('alert_voided', { id });
      if (alert.acknowledged === undefined) {
        const note = request.body?.note;
        const at = now();
        const step = {
          step: 'acknowledged',
          alert: id,
          at,
          by: reader.id,
          ...(note === undefined ? {} : { note }),
        } as const;
        const headers = {
          ce_specversion: '1.0',
          ce_id: `${id}/acknowledged`,
          ce_source: '/api',
          ce_type: 'vn.songma.alert-step.v1',
          ce_time: new Date(at).toISOString(),
          ce_subject: id,
        };
        await eventLog.append('alerts', [{ key: id, value: encoder.encode(JSON.stringify(step)), headers }]);
        // The log has it: show it at once; coming back from the log it changes nothing.
        alerts.apply(step);
      }
      return reply.send(alertWire(alerts.get(id) ?? alert, registry));
    },
  );
}

/** @throws HttpProblem `not_found`, also for an alert of an enterprise that is not the reader's */
function knownAlert({ alerts }: AlertRoutesDeps, reader: Reader, id: string): AlertState {
  const alert = alerts.get(id);
  if (alert === undefined || !mayKnow(reader, alert.enterprise))
    throw problem('not_found', { kind: 'alert', id });
  return alert;
}

function keyOf(alert: AlertState): PageKey {
  return [alert.since, alert.id];
}

function latestFirst(a: PageKey, b: PageKey): number {
  if (a[0] !== b[0]) return Number(b[0]) - Number(a[0]);
  return a[1] === b[1] ? 0 : a[1]! < b[1]! ? -1 : 1;
}

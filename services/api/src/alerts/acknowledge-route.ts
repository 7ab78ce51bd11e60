import type { AlertStep } from '@songma/domain';
import type { EventLog } from '@songma/event-log';
import type { HttpApp } from '@songma/runtime';
import { z } from 'zod';
import { problem } from '../problems.ts';
import { described, documented, type RoutesDeps } from '../routes.ts';
import { alertParamsSchema, knownAlert } from './alert-routes.ts';
import { alertWire, alertWireSchema } from './alert-wire.ts';

export interface AcknowledgeDeps extends RoutesDeps {
  readonly eventLog: Pick<EventLog, 'append'>;
}

const noteSchema = z.strictObject({ note: z.string().trim().min(1).max(1000).optional() });
const encoder = new TextEncoder();

/** `POST /v1/alerts/{id}/acknowledge`. */
export function addAcknowledgeRoute(app: HttpApp, deps: AcknowledgeDeps): void {
  const { registry, eventLog, seriesStore, gate, now } = deps;
  const roles = ['officer', 'admin'] as const;
  const text = described({
    tag: 'alerts',
    roles,
    summary: 'Acknowledge an alert',
    description:
      'Says that somebody has taken it up. The first acknowledgement counts; another changes nothing. It stays when ' +
      'the alert is revised.',
    problems: ['not_found', 'alert_voided', 'body_not_json'],
  });
  app.post(
    '/v1/alerts/:id/acknowledge',
    {
      onRequest: gate.allow(roles, { anonymous: false }),
      schema: {
        ...documented(text),
        params: alertParamsSchema,
        body: noteSchema.nullish(),
        response: { 200: alertWireSchema, ...text.problems },
      },
    },
    async (request, reply) => {
      const reader = gate.reader(request);
      const { id } = request.params;
      const known = await knownAlert(deps, reader, id);
      if (known.alert.state === 'voided') throw problem('alert_voided', { id });
      if (known.acknowledged !== undefined) return reply.send(alertWire(known, registry));
      const note = request.body?.note;
      const given = { alert: id, at: now(), by: reader.id, ...(note === undefined ? {} : { note }) };
      const step: AlertStep = { step: 'acknowledged', ...given };
      const headers = {
        ce_specversion: '1.0',
        ce_id: `${id}/acknowledged`,
        ce_source: '/api',
        ce_type: 'vn.songma.alert-step.v1',
        ce_time: new Date(given.at).toISOString(),
        ce_subject: id,
      };
      await eventLog.append('alerts', [{ key: id, value: encoder.encode(JSON.stringify(step)), headers }]);
      // The log has it. Whoever asks next is to see it; the writer keeps it too, since a crash may come between.
      await seriesStore.keep({ rollups: [], indicators: [], acknowledgements: [given] });
      return reply.send(alertWire(await knownAlert(deps, reader, id), registry));
    },
  );
}

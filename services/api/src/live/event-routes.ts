import { idSchema } from '@songma/domain';
import type { HttpApp } from '@songma/runtime';
import { z } from 'zod';
import { mayName, readers, type Gate } from '../access.ts';
import { problem } from '../problems.ts';
import { described, documented, wordsSchema } from '../routes.ts';
import type { EventStreams } from './streams.ts';

export interface EventRoutesDeps {
  readonly gate: Gate;
  readonly streams: EventStreams;
}

const querySchema = z.strictObject({
  types: wordsSchema(['alert', 'indicator'])
    .optional()
    .meta({ description: 'Which events, separated by commas; all unless told.', examples: ['alert'] }),
  enterprise: idSchema.optional(),
});

/** `GET /v1/events`: steps of alerts and published indicators as they happen, as server-sent events. */
export function addEventRoutes(app: HttpApp, { gate, streams }: EventRoutesDeps): void {
  const text = described({
    tag: 'live',
    roles: readers,
    anonymous: true,
    summary: 'Live stream of alerts and indicators (server-sent events)',
    description:
      'Events: `alert` (a step and the alert after it), `indicator` (the publication, before and after; ' +
      '`restatement` tells whether it corrects what had been published of a window that was over), `ready` (from ' +
      'here on live), `heartbeat`, `gap` (events were missed that are no longer held: read the collections anew). ' +
      'Come back with `Last-Event-ID` to go on where you were. A reader that is too slow is cut off.',
    problems: ['not_found', 'too_many_streams', 'too_many_streams_of_key'],
  });
  app.get(
    '/v1/events',
    {
      onRequest: gate.allow(readers, { anonymous: true, stream: true }),
      schema: {
        ...documented(text),
        querystring: querySchema,
        headers: z.looseObject({
          'last-event-id': z
            .string()
            .max(2000)
            .optional()
            .meta({ description: 'Id of the last event seen.' }),
        }),
        response: {
          200: {
            description: 'A stream that stays open.',
            content: { 'text/event-stream': { schema: z.string() } },
          },
          ...text.problems,
        },
      },
    },
    async (request, reply) => {
      const reader = gate.reader(request);
      const { types, enterprise } = request.query;
      if (enterprise !== undefined && !mayName(reader, enterprise)) {
        throw problem('not_found', { kind: 'enterprise', id: enterprise });
      }
      streams.requireRoom(reader);
      const stream = streams.open({
        reader,
        types: types ?? ['alert', 'indicator'],
        enterprise,
        lastEventId: request.headers['last-event-id'],
      });
      return reply
        .headers({
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store, no-transform',
          // Proxies that gather answers would hold the events back.
          'x-accel-buffering': 'no',
        })
        .send(stream as never);
    },
  );
}

import { idSchema, type NoticeItem } from '@songma/domain';
import type { NoticeState } from '@songma/duty';
import type { HttpApp } from '@songma/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { schemaTable } from '../answers/schema-table.ts';
import { atHand, sendTable, tableQuery, tableResponse } from '../answers/table.ts';
import { houseZone, isoInZone } from '../iso-time.ts';
import { compareKeys, decodeCursor, queryText } from '../paging.ts';
import { described, documented, isoTimeSchema } from '../routes.ts';
import { staff, type CaseRoutesDeps } from './case-routes.ts';

const iso = (time: number) => isoInZone(time, houseZone);

const noticeSchema = z
  .object({
    id: z.string(),
    person: z.string(),
    channel: z.string(),
    purpose: z.string(),
    cases: z.array(z.string()),
    plannedAt: isoTimeSchema,
    state: z.enum(['planned', 'sent', 'failed', 'dead', 'withdrawn']),
    at: isoTimeSchema.meta({ description: 'When it came to be so.' }),
    attempts: z.int(),
    code: z.string().nullable(),
    retryAt: isoTimeSchema.nullable(),
  })
  .meta({ title: 'Notice' });
const noticeTable = schemaTable(noticeSchema);

/** `GET /v1/notices`. */
export function addNoticeRoutes(app: HttpApp, { gate, book }: CaseRoutesDeps): void {
  const words = described({
    tag: 'alerts',
    roles: staff,
    summary: 'List notices: who was told of what',
    description: 'Planned last first.',
    problems: ['cursor_invalid', 'not_acceptable'],
  });
  app.get(
    '/v1/notices',
    {
      onRequest: gate.allow(staff),
      schema: {
        ...documented(words),
        querystring: z.strictObject({
          person: idSchema.optional(),
          state: noticeSchema.shape.state.optional(),
          ...tableQuery,
        }),
        response: { 200: tableResponse(noticeSchema), ...words.problems },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const route = queryText('notices', query);
      const shape = z.tuple([z.number(), z.string()]);
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, route, shape);
      const keyOf = ({ plannedAt, id }: NoticeState): [number, string] => [-plannedAt, id];
      const found = [...book.facts.notices()]
        .filter(({ person }) => query.person === undefined || query.person === person)
        .filter(({ state }) => query.state === undefined || query.state === state)
        .filter((one) => after === undefined || compareKeys(keyOf(one), after) > 0)
        .toSorted((a, b) => compareKeys(keyOf(a), keyOf(b)));
      const batches = atHand(found, (one) => ({ row: noticeWire(one), after: keyOf(one) }));
      return sendTable(request, reply as FastifyReply, query, { route, ...noticeTable, batches });
    },
  );
}

function noticeWire({
  items,
  plannedAt,
  at,
  code,
  retryAt,
  ...one
}: NoticeState): z.infer<typeof noticeSchema> {
  const { id, person, channel, purpose, state, attempts } = one;
  return {
    id,
    person,
    channel,
    purpose,
    cases: [...new Set(items.map((item: NoticeItem) => item.case))],
    plannedAt: iso(plannedAt),
    state,
    at: iso(at),
    attempts,
    code: code ?? null,
    retryAt: retryAt === undefined ? null : iso(retryAt),
  };
}

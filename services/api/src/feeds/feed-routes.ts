import type { HttpApp } from '@songma/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { readers } from '../access.ts';
import { sendPage, sendRows } from '../answers/answer.ts';
import { formOf, inEveryFormat } from '../answers/formats.ts';
import { schemaTable } from '../answers/schema-table.ts';
import { itemsWanted, tableQuery } from '../answers/table.ts';
import { primed } from '../answers/written.ts';
import { decodeCursor, encodeCursor, firstAskedAt, pageOf, queryText } from '../paging.ts';
import { described, documented, type RoutesDeps } from '../routes.ts';
import { feedBatches, feedDays, feedPage, feedRows, feedRowSchema, type FeedRow } from './feed-rows.ts';
import { pageReadingsMax } from './owed-routes.ts';
import { metersInScope, scopeQuery } from './scope.ts';

const querySchema = z.strictObject({
  ...scopeQuery,
  diagnose: z.enum(['shift']).optional().meta({
    description: '`shift`: also whether the feed’s clock or its time convention seems to be off.',
  }),
  ...tableQuery,
});
const answerSchema = pageOf(feedRowSchema);
const { columns, cellsOf } = schemaTable(feedRowSchema);
/** When the first page was asked for, and its last meter. */
const cursorShape = z.tuple([z.number(), z.string()]);

/** `GET /v1/feeds`: how each meter's feed has been doing. */
export function addFeedRoutes(app: HttpApp, { registry, seriesStore, gate, now }: RoutesDeps): void {
  const text = described({
    tag: 'feeds',
    roles: readers,
    anonymous: true,
    summary: 'How the feeds of meters are doing',
    description:
      `Last reading, silence, coverage and how late readings came over ${feedDays} days, by meter. With ` +
      '`diagnose=shift` also whether its times seem to be shifted by an hour, an interval, the offset of its zone, or ' +
      'at midnight by a day: a suspicion with its evidence, for somebody to look at; nothing is corrected. A page may ' +
      'hold fewer items than its limit and yet not be the last.',
    problems: ['not_found', 'cursor_invalid', 'not_acceptable'],
  });
  app.get(
    '/v1/feeds',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: querySchema,
        response: {
          200: { description: 'A page of feeds.', content: inEveryFormat(answerSchema) },
          ...text.problems,
        },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const form = formOf(query, request.headers.accept);
      const meters = metersInScope(gate.reader(request), query, registry);
      const route = queryText('feeds', query);
      const asked = now();
      const [first, after = ''] =
        query.cursor === undefined ? [asked] : decodeCursor(query.cursor, route, cursorShape);
      const at = firstAskedAt(first, asked);
      const rest = meters.filter(({ meter }) => meter.id > String(after));

      const wanted = { now: at, withShift: query.diagnose === 'shift' };
      const itemsMax = itemsWanted(query, form);
      const found = feedRows({ seriesStore, registry }, rest.slice(0, itemsMax), wanted);
      if (itemsMax === Infinity) {
        const rows = { columns, cellsOf, batches: await primed(feedBatches(found)) };
        return sendRows(request, reply as FastifyReply, form, rows, {
          head: {},
          next: () => null,
          isPage: false,
        });
      }
      const items: FeedRow[] = await feedPage(found, pageReadingsMax);
      const isLast = items.length === rest.length;
      const cursor = isLast ? null : encodeCursor(route, [at, items.at(-1)!.meter]);
      return sendPage(request, reply as FastifyReply, form, { columns, cellsOf, items, head: {}, cursor });
    },
  );
}

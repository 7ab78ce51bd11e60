import { limitNorms } from '@songma/limits';
import type { HttpApp } from '@songma/runtime';
import { z } from 'zod';
import { readers, type Gate } from '../access.ts';
import { pageOf, pageQuery, paginate } from '../paging.ts';
import { described, documented } from '../routes.ts';

const normSchema = z.object({
  id: z.string(),
  medium: z.enum(['stack', 'effluent']),
  document: z.string(),
  column: z.string(),
  parameter: z.string(),
  condition: z.string().nullable().meta({ description: 'For which plants or fuels only.' }),
  unit: z.string(),
  value: z.number().nullable().meta({ description: 'Upper bound before factors; null: it is a range.' }),
  range: z.object({ min: z.number(), max: z.number() }).nullable(),
  factors: z
    .array(z.enum(['kp', 'kv', 'kq', 'kf']))
    .meta({ description: 'To multiply the value by, as they are for the plant.' }),
  verified: z
    .boolean()
    .meta({ description: 'False: nobody has compared the value with the legal text yet.' }),
  lastDate: z.iso
    .date()
    .meta({ description: 'On which a plant of before the regulation’s successor may still go by it.' }),
  lastDateVerified: z.boolean(),
});

const querySchema = z.strictObject({
  medium: z.enum(['stack', 'effluent']).optional(),
  parameter: z.string().min(1).max(32).optional(),
  column: z.string().min(1).max(8).optional(),
  ...pageQuery,
});
const keyShape = z.tuple([z.string()]);

/** `GET /v1/limit-norms`: values of regulations from which limits can be made. */
export function addLimitNormRoutes(app: HttpApp, { gate }: { readonly gate: Gate }): void {
  const text = described({
    tag: 'registry',
    roles: readers,
    anonymous: true,
    summary: 'Values of regulations, to make limits from',
    description:
      'QCVN 19, 22 and 23:2009 and 40:2011 as delivered. None is in force by itself: register a limit that takes ' +
      'document, value or range, and the plant’s own factors. A plant’s environmental permit goes before.',
    problems: ['cursor_invalid'],
  });
  app.get(
    '/v1/limit-norms',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: querySchema,
        response: { 200: pageOf(normSchema), ...text.problems },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const wanted = limitNorms.filter(
        ({ medium, parameter, column }) =>
          (query.medium ?? medium) === medium &&
          (query.parameter ?? parameter) === parameter &&
          (query.column ?? column) === column,
      );
      const page = paginate(wanted, { route: 'limit-norms', query, keyOf: ({ id }) => [id], keyShape });
      const items = page.items.map(({ condition = null, value = null, range = null, factors, ...norm }) => ({
        ...norm,
        ...{ condition, value, range, factors: [...factors] },
      }));
      return reply.send({ items, next: page.next });
    },
  );
}

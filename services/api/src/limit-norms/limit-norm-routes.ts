import { assuranceSchema, gasStateSchema, parameterCodes } from '@songma/domain';
import { limitNorms } from '@songma/limits';
import type { HttpApp } from '@songma/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { readers, type Gate } from '../access.ts';
import { schemaTable } from '../answers/schema-table.ts';
import { atHand, sendTable, tableQuery, tableResponse } from '../answers/table.ts';
import { compareKeys, decodeCursor, queryText } from '../paging.ts';
import { described, documented } from '../routes.ts';

const normSchema = z.object({
  id: z.string(),
  medium: z.enum(['stack', 'effluent']),
  document: z.string(),
  column: z.string(),
  parameter: z.string(),
  parameterCode: z.enum(parameterCodes).meta({ description: 'What a limit’s `parameterCode` is then.' }),
  condition: z.string().nullable().meta({ description: 'For which plants or fuels only.' }),
  unit: z.string(),
  gasState: gasStateSchema
    .nullable()
    .meta({ description: 'State of the gas of its cubic metre, where the document’s is known.' }),
  gasStateAssurance: assuranceSchema.nullable(),
  value: z.number().nullable().meta({ description: 'Upper bound before factors; null: it is a range.' }),
  range: z.object({ min: z.number(), max: z.number() }).nullable(),
  factors: z
    .array(z.enum(['kp', 'kv', 'kq', 'kf']))
    .meta({ description: 'To multiply the value by, as they are for the plant.' }),
  verified: z
    .boolean()
    .meta({ description: 'False: nobody has compared the value with the legal text itself yet.' }),
  assurance: assuranceSchema.meta({
    description:
      'How sure the value is. `text`: compared with the legal text itself, and then `verified`; `copy`: found in a ' +
      'copy or transcription of it; `press`: found where it is told of; `memory`: known, and not looked up.',
  }),
  lastDate: z.iso
    .date()
    .meta({ description: 'On which a plant of before the regulation’s successor may still go by it.' }),
  lastDateVerified: z.boolean(),
  lastDateAssurance: assuranceSchema,
});

/** What a norm may not have. */
const absent = { condition: null, value: null, range: null, gasState: null, gasStateAssurance: null };

const querySchema = z.strictObject({
  medium: z.enum(['stack', 'effluent']).optional(),
  parameter: z.string().min(1).max(32).optional(),
  column: z.string().min(1).max(8).optional(),
  ...tableQuery,
});
const keyShape = z.tuple([z.string()]);
const { columns, cellsOf } = schemaTable(normSchema);

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
    problems: ['cursor_invalid', 'not_acceptable'],
  });
  app.get(
    '/v1/limit-norms',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: querySchema,
        response: { 200: tableResponse(normSchema), ...text.problems },
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
      const route = queryText('limit-norms', query);
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, route, keyShape);
      const rest = wanted.filter(({ id }) => after === undefined || compareKeys([id], after) > 0);
      const batches = atHand(rest, ({ factors, ...norm }) => ({
        row: { ...absent, ...norm, factors: [...factors] },
        after: [norm.id],
      }));
      return sendTable(request, reply as FastifyReply, query, { route, batches, columns, cellsOf });
    },
  );
}

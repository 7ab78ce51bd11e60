import { productSchema } from '@songma/domain';
import { indicatorDefinitions, membersMin, type BetterIs } from '@songma/indicators';
import type { HttpApp } from '@songma/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { readers } from '../access.ts';
import { problem } from '../problems.ts';
import { described, documented, type RoutesDeps } from '../routes.ts';
import { sendWhole } from '../answers/answer.ts';
import { formOf, formQuery, inEveryFormat } from '../answers/formats.ts';
import { indicatorNameSchema } from '../indicators/indicator-names.ts';
import { isOfSector } from './enterprise-states.ts';
import { momentOf, momentQuery } from './moment.ts';
import { overseers, sectorFilter } from './programme-routes.ts';
import { rankingGroups, rankingWindows } from './ranking-groups.ts';
import {
  groupWire,
  rankingCells,
  rankingColumns,
  rankingRows,
  rankingSchema,
  type RankingWire,
} from './ranking-wire.ts';

const querySchema = z.strictObject({
  indicator: indicatorNameSchema,
  window: z.enum(rankingWindows).default('R12M').meta({ description: 'The last one that is over at `at`.' }),
  ...momentQuery,
  sector: sectorFilter,
  product: productSchema.optional().meta({ description: 'Of those who make this.', examples: ['cement'] }),
  ...formQuery,
});

/** `GET /v1/ranking`: enterprises of one sector and product by one indicator. */
export function addRankingRoutes(app: HttpApp, deps: RoutesDeps): void {
  const { gate, now } = deps;
  const text = described({
    tag: 'programme',
    roles: readers,
    anonymous: true,
    summary: 'Ranking within sector and product',
    description:
      'Enterprises that make one product in one class of VSIC, by an indicator per unit of product, each over the ' +
      'median of its group. What is withheld, or estimated by more than a tenth, is not ranked and says why. `sector` ' +
      'and `product` choose groups and never cut one. A plant finds itself only, with its quartile and the bounds of ' +
      `the quartiles, where ${membersMin} or more are ranked; and not by \`asOf\`, since the difference of two answers ` +
      'tells what one neighbour has changed. As JSON, or as a table in CSV, NDJSON, Parquet or XLSX.',
    problems: ['role_forbidden', 'not_acceptable'],
  });
  app.get(
    '/v1/ranking',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: querySchema,
        response: {
          200: {
            description: 'The groups; the other formats hold their items with what is said of the group.',
            content: inEveryFormat(rankingSchema),
          },
          ...text.problems,
        },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const reader = gate.reader(request);
      if (reader.enterprise !== undefined && query.asOf !== undefined) {
        throw problem('role_forbidden', { role: reader.role, roles: overseers.join(', ') });
      }
      const form = formOf(query, request.headers.accept);
      const moment = momentOf(query, now());
      const { indicator, window } = query;
      const definition = indicatorDefinitions.find(({ name }) => name === indicator);
      const betterIs: BetterIs = definition?.form === 'productivity' ? 'higher' : 'lower';
      const all = await rankingGroups(deps, { indicator, window, betterIs, moment });
      const groups = all
        .filter(
          ({ sector, product }) =>
            isOfSector(sector, query.sector) && (query.product === undefined || product === query.product),
        )
        .flatMap((group) => groupWire(group, reader) ?? []);
      const whole: RankingWire = {
        indicator,
        unit: definition?.unit ?? 'kg/t',
        window,
        betterIs,
        at: moment.date,
        asOf: moment.asOf?.text ?? null,
        membersMin,
        groups,
      };
      const table = { columns: rankingColumns, items: rankingRows(groups), cellsOf: rankingCells };
      return sendWhole(request, reply as FastifyReply, form, whole, table);
    },
  );
}

import { idSchema, type Enterprise } from '@songma/domain';
import {
  isCounted,
  targetSetOn,
  targetSets,
  targetStates,
  type CountedTarget,
  type SavingTarget,
  type TargetSet,
  type TargetState,
} from '@songma/indicators';
import type { HttpApp } from '@songma/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { mayKnow, readers } from '../access.ts';
import { sendWhole } from '../answers/answer.ts';
import { formOf, formQuery, inEveryFormat } from '../answers/formats.ts';
import type { Placed } from '../answers/pages.ts';
import { sendTable, tableQuery, tableResponse } from '../answers/table.ts';
import { decodeCursor, queryText, type PageKey } from '../paging.ts';
import { problem } from '../problems.ts';
import { described, documented, wordsSchema, type RoutesDeps } from '../routes.ts';
import { isOfSector, judgeEnterprises, registered } from './enterprise-states.ts';
import { momentOf, momentQuery, type Moment } from './moment.ts';
import {
  countedWire,
  programmeSchema,
  setWire,
  shareCells,
  shareColumns,
  shareSchema,
  standingCells,
  standingColumns,
  standingSchema,
  standingWire,
  targetWire,
  type ProgrammeWire,
  type StandingWire,
} from './programme-wire.ts';

/** Who sees everybody. A share of few enterprises tells a plant what its neighbours are. */
export const overseers = ['analyst', 'officer', 'admin'] as const;

export const sectorFilter = z
  .string()
  .regex(/^[A-Z]?\d{1,5}$/, 'the beginning of a VSIC code, such as 23')
  .optional()
  .meta({ description: 'Of the enterprises whose VSIC code begins so.', examples: ['23'] });

const setIds = targetSets.map(({ id }) => id);
const questionShape = {
  targets: z
    .enum(setIds)
    .optional()
    .meta({
      description: 'The target set; the first in force at `at` unless told.',
      examples: ['889-2030'],
    }),
  ...momentQuery,
  sector: sectorFilter,
};
const programmeQuery = z.strictObject({
  ...questionShape,
  ...formQuery,
});
const standingQuery = z.strictObject({
  ...questionShape,
  state: wordsSchema(targetStates)
    .optional()
    .meta({ examples: ['no,unknown'] }),
  ...tableQuery,
});
const targetParams = z.object({ target: idSchema.meta({ examples: ['saving-fuel'] }) });

/** Enterprises that are judged together for a page. */
const enterprisesPerBatch = 100;
const keyShape = z.tuple([z.string()]);

/** `GET /v1/programme` and `GET /v1/programme/{target}/enterprises`: the shares, and who is behind them. */
export function addProgrammeRoutes(app: HttpApp, deps: RoutesDeps): void {
  addShares(app, deps);
  addStandings(app, deps);
}

function addShares(app: HttpApp, deps: RoutesDeps): void {
  const { registry, gate, now } = deps;
  const text = described({
    tag: 'programme',
    roles: overseers,
    anonymous: true,
    summary: 'Shares of the cleaner production programme',
    description:
      'For each target of the set the share of the registered enterprises that meet it, and what it would be at most: ' +
      'of whom nothing is known counts as asked and not as a "no". A saving is that of the twelve months before `at` ' +
      'against the enterprise’s own baseline. As JSON, or the items alone as CSV, NDJSON, Parquet or XLSX.',
    problems: ['span_too_long', 'not_acceptable'],
  });
  app.get(
    '/v1/programme',
    {
      onRequest: gate.allow(overseers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: programmeQuery,
        response: {
          200: {
            description: 'The shares; the other formats hold the items alone.',
            content: inEveryFormat(programmeSchema, shareSchema),
          },
          ...text.problems,
        },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const form = formOf(query, request.headers.accept);
      const moment = momentOf(query, now());
      const set = setOf(query.targets, moment);
      const enterprises = registered(registry, 'enterprise', moment).filter(({ sector }) =>
        isOfSector(sector, query.sector),
      );
      const counted = set.targets.filter(isCounted);
      const judged = await judgeEnterprises(deps, set, counted, enterprises, moment);
      const items = set.targets.map((target) =>
        isCounted(target) ? countedWire(target, judged[counted.indexOf(target)]!) : targetWire(target),
      );
      const whole: ProgrammeWire = {
        targets: setWire(set, moment.date),
        at: moment.date,
        asOf: moment.asOf?.text ?? null,
        sector: query.sector ?? null,
        enterprises: enterprises.length,
        items,
      };
      const table = { columns: shareColumns, items, cellsOf: shareCells };
      return sendWhole(request, reply as FastifyReply, form, whole, table);
    },
  );
}

function addStandings(app: HttpApp, deps: RoutesDeps): void {
  const { registry, gate, now } = deps;
  const text = described({
    tag: 'programme',
    roles: readers,
    anonymous: true,
    summary: 'How each enterprise stands to a target',
    description:
      'In ascending id: whether it meets the target, and what is missing, in both languages. A plant sees itself only. ' +
      'As JSON, CSV, NDJSON, Parquet or XLSX, by `format` or Accept.',
    problems: ['not_found', 'span_too_long', 'cursor_invalid', 'not_acceptable'],
  });
  app.get(
    '/v1/programme/:target/enterprises',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        params: targetParams,
        querystring: standingQuery,
        response: { 200: tableResponse(standingSchema), ...text.problems },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const id = request.params.target;
      const moment = momentOf(query, now());
      const set = setOf(query.targets, moment);
      const target = set.targets.filter(isCounted).find((one) => one.id === id);
      if (target === undefined) throw problem('not_found', { kind: 'counted target', id });
      const route = queryText(`programme/${set.id}/${id}`, query);
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, route, keyShape);
      const reader = gate.reader(request);
      const enterprises = registered(registry, 'enterprise', moment).filter(
        (one) =>
          mayKnow(reader, { enterprise: one.id, site: undefined }) &&
          isOfSector(one.sector, query.sector) &&
          (after === undefined || one.id > String(after[0])),
      );
      return sendTable(request, reply as FastifyReply, query, {
        route,
        batches: standings(deps, set, target, enterprises, moment, query.state),
        columns: standingColumns,
        cellsOf: standingCells,
      });
    },
  );
}

async function* standings(
  deps: RoutesDeps,
  set: TargetSet,
  target: CountedTarget | SavingTarget,
  enterprises: readonly Enterprise[],
  moment: Moment,
  states: readonly TargetState[] | undefined,
): AsyncGenerator<readonly Placed<StandingWire, PageKey>[]> {
  for (let first = 0; first < enterprises.length; first += enterprisesPerBatch) {
    const batch = enterprises.slice(first, first + enterprisesPerBatch);
    const [judged = []] = await judgeEnterprises(deps, set, [target], batch, moment);
    yield batch
      .map((enterprise, i) => ({ row: standingWire(enterprise, judged[i]!), after: [enterprise.id] }))
      .filter(({ row }) => states === undefined || states.includes(row.state));
  }
}

function setOf(id: string | undefined, { date }: Moment): TargetSet {
  return targetSets.find((set) => set.id === id) ?? targetSetOn(date);
}

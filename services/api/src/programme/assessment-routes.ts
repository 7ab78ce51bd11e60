import { assuranceSchema, idSchema, taskStates, type Assessment, type Enterprise } from '@songma/domain';
import { assessmentSteps, type AssessmentStep, type AssessmentTask } from '@songma/indicators';
import type { HttpApp } from '@songma/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { mayKnow, readers } from '../access.ts';
import type { Cells, Columns } from '../answers/cells.ts';
import type { Placed } from '../answers/pages.ts';
import { sendTable, tableQuery, tableResponse } from '../answers/table.ts';
import { compareKeys, decodeCursor, queryText, type PageKey } from '../paging.ts';
import { problem } from '../problems.ts';
import { described, documented, wordsSchema, type RoutesDeps } from '../routes.ts';
import { registered } from './enterprise-states.ts';
import { momentOf, momentQuery, type Moment } from './moment.ts';
import { feedSchema, feedsOf, readFeeds, type FeedWire } from './task-feeds.ts';

const states = ['not-started', ...taskStates] as const;
const bilingual = z.object({ en: z.string(), vi: z.string() }).meta({ title: 'Bilingual' });
const rowSchema = z.object({
  enterprise: z.string(),
  step: z.int(),
  stepTitle: bilingual,
  task: z.int(),
  title: bilingual,
  verified: z
    .boolean()
    .meta({ description: 'False: nobody has compared the task with the text itself yet.' }),
  assurance: assuranceSchema.meta({ description: 'How sure the task is.' }),
  state: z.enum(states),
  on: z.iso.date().nullable(),
  note: z.string().nullable(),
  evidence: z.string().nullable(),
  feeds: z.array(feedSchema).meta({ description: 'What is known here that the task needs.' }),
});
type TaskRow = z.infer<typeof rowSchema>;

const columns = {
  enterprise: 'text',
  step: 'integer',
  stepEn: 'text',
  stepVi: 'text',
  task: 'integer',
  en: 'text',
  vi: 'text',
  verified: 'boolean',
  assurance: 'text',
  state: 'text',
  on: 'text',
  note: 'text',
  evidence: 'text',
  feeds: 'text',
} as const satisfies Columns;

/** A feed is `name=value unit`, without a value where there is none. */
function cellsOf({ stepTitle, title, feeds, ...row }: TaskRow): Cells {
  const told = ({ name, value, unit }: FeedWire) =>
    value === null ? name : `${name}=${value}${unit === null ? '' : ` ${unit}`}`;
  return { ...row, ...title, stepEn: stepTitle.en, stepVi: stepTitle.vi, feeds: feeds.map(told) };
}

const querySchema = z.strictObject({
  enterprise: idSchema.optional(),
  state: wordsSchema(states)
    .optional()
    .meta({ examples: ['under-way,done'] }),
  ...momentQuery,
  ...tableQuery,
});
const keyShape = z.tuple([z.string(), z.number()]);
/** Enterprises whose feeds are read together. */
const enterprisesPerBatch = 50;

/** `GET /v1/programme/assessments`: the eighteen tasks of each enterprise, and what feeds them. */
export function addAssessmentRoutes(app: HttpApp, deps: RoutesDeps): void {
  const { registry, gate, now } = deps;
  const text = described({
    tag: 'programme',
    roles: readers,
    anonymous: true,
    summary: 'Assessments of cleaner production, task by task',
    description:
      'By enterprise, then task: its state by `at` (an entry of a later date does not count yet) and what is known here ' +
      'that it needs: norms of consumption, the balance and waste streams of twelve months, savings and their course. A ' +
      'plant sees its own. As JSON, CSV, NDJSON, Parquet or XLSX, by `format` or Accept.',
    problems: ['not_found', 'span_too_long', 'cursor_invalid', 'not_acceptable'],
  });
  app.get(
    '/v1/programme/assessments',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: querySchema,
        response: { 200: tableResponse(rowSchema), ...text.problems },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const moment = momentOf(query, now());
      const reader = gate.reader(request);
      const route = queryText('programme/assessments', query);
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, route, keyShape);
      const enterprises = registered(registry, 'enterprise', moment).filter(
        ({ id }) =>
          mayKnow(reader, { enterprise: id, site: undefined }) &&
          (query.enterprise === undefined || id === query.enterprise),
      );
      if (query.enterprise !== undefined && enterprises.length === 0) {
        throw problem('not_found', { kind: 'enterprise', id: query.enterprise });
      }
      return sendTable(request, reply as FastifyReply, query, {
        route,
        batches: taskBatches(deps, enterprises, moment, { after, states: query.state }),
        columns,
        cellsOf,
      });
    },
  );
}

interface Wanted {
  readonly after: PageKey | undefined;
  readonly states: readonly TaskRow['state'][] | undefined;
}

async function* taskBatches(
  deps: RoutesDeps,
  enterprises: readonly Enterprise[],
  moment: Moment,
  { after, states: wanted }: Wanted,
): AsyncGenerator<readonly Placed<TaskRow, PageKey>[]> {
  const left = enterprises.filter(({ id }) => after === undefined || id >= String(after[0]));
  const assessments = new Map(registered(deps.registry, 'assessment', moment).map((one) => [one.id, one]));
  for (let first = 0; first < left.length; first += enterprisesPerBatch) {
    const batch = left.slice(first, first + enterprisesPerBatch);
    const feeds = await readFeeds(deps, batch, moment);
    yield batch
      .flatMap(({ id }) =>
        assessmentSteps.flatMap((step) =>
          step.tasks.map((task) =>
            rowOf(id, step, task, assessments.get(id), moment.date, feedsOf(feeds.get(id), task.feed)),
          ),
        ),
      )
      .map((row) => ({ row, after: [row.enterprise, row.task] as const }))
      .filter(
        ({ row, after: key }) =>
          (after === undefined || compareKeys(key, after) > 0) &&
          (wanted === undefined || wanted.includes(row.state)),
      );
  }
}

function rowOf(
  enterprise: string,
  { step, title: stepTitle }: AssessmentStep,
  { task, title, assurance, verified }: AssessmentTask,
  assessment: Assessment | undefined,
  date: string,
  feeds: FeedWire[],
): TaskRow {
  const entry = assessment?.tasks.find((one) => one.task === task && one.on <= date);
  const { state = 'not-started' as const, on = null, note = null, evidence = null } = entry ?? {};
  return {
    ...{ enterprise, step, stepTitle: { ...stepTitle }, task, title: { ...title }, verified, assurance },
    ...{ state, on, note, evidence, feeds },
  };
}

import { idSchema, indicatorWindows } from '@songma/domain';
import type { Registry } from '@songma/registry';
import type { HttpApp } from '@songma/runtime';
import type { SeriesStore } from '@songma/series-store';
import { z } from 'zod';
import { mayKnow, readers, type Gate } from '../access.ts';
import { compareKeys, decodeCursor, encodeCursor, pageOf, pageQuery, queryText } from '../paging.ts';
import { problem } from '../problems.ts';
import { documented } from '../registry/registry-routes.ts';
import { described } from '../routes.ts';
import { instantOf, spanEdgeSchema } from '../series/query.ts';
import { indicatorWire, indicatorWireSchema, zoneOf, type IndicatorWire } from './indicator-wire.ts';

export interface IndicatorRoutesDeps {
  readonly registry: Registry;
  readonly seriesStore: SeriesStore;
  readonly gate: Gate;
  readonly now: () => number;
}

/** Indicators of one enterprise that one request may span. */
const windowsMax = 10_000;
const dayMs = 86_400_000;
const windowMs = { P1D: dayMs, P1M: 28 * dayMs, P1Y: 365 * dayMs, R12M: 28 * dayMs } as const;
/** Windows back from `to` unless `from` is told. */
const windowsDefault = 31;

const querySchema = z.strictObject({
  enterprise: idSchema.optional(),
  name: z
    .string()
    .max(64)
    .optional()
    .meta({ examples: ['electricity-intensity'] }),
  window: z.enum(indicatorWindows).default('P1D'),
  from: spanEdgeSchema.optional().meta({
    description: `Inclusive, by the start of the window; ${windowsDefault} windows before \`to\` unless told.`,
  }),
  to: spanEdgeSchema.optional().meta({ description: 'Exclusive; now unless told.' }),
  ...pageQuery,
});

const keyShape = z.tuple([z.string(), z.string(), z.number()]);

/** `GET /v1/indicators`: published indicators as they stand. */
export function addIndicatorRoutes(
  app: HttpApp,
  { registry, seriesStore, gate, now }: IndicatorRoutesDeps,
): void {
  const text = described({
    tag: 'indicators',
    roles: readers,
    anonymous: true,
    summary: 'Indicators of enterprises',
    description:
      'By enterprise, name, then start. Each carries its coverage, what it was made of and its revision; one whose ' +
      'inputs do not suffice has no value and says why.',
    problems: ['not_found', 'span_invalid', 'span_too_long', 'cursor_invalid'],
  });
  app.get(
    '/v1/indicators',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: querySchema,
        response: { 200: pageOf(indicatorWireSchema), ...text.problems },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const reader = gate.reader(request);
      const route = queryText('indicators', query);
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, route, keyShape);
      const wanted = query.enterprise ?? reader.enterprise;
      if (query.enterprise !== undefined && !mayKnow(reader, query.enterprise)) {
        throw problem('not_found', { kind: 'enterprise', id: query.enterprise });
      }
      const enterprises = registry
        .list('enterprise')
        .map(({ id }) => id)
        .filter(
          (id) => (wanted === undefined || id === wanted) && (after === undefined || id >= String(after[0])),
        );

      const items: IndicatorWire[] = [];
      let last: [string, string, number] | undefined;
      for (const enterprise of enterprises) {
        const found = await seriesStore.indicators({
          enterprises: [enterprise],
          ...(query.name === undefined ? {} : { names: [query.name] }),
          window: query.window,
          ...boundedSpan(query, zoneOf(enterprise, registry), now()),
        });
        for (const indicator of found) {
          const key: [string, string, number] = [indicator.enterprise, indicator.name, indicator.start];
          if (after !== undefined && compareKeys(key, after) <= 0) continue;
          if (items.length === query.limit) return reply.send({ items, next: encodeCursor(route, last!) });
          items.push(indicatorWire(indicator, registry));
          last = key;
        }
      }
      return reply.send({ items, next: null });
    },
  );
}

/** @throws HttpProblem `span_invalid`, `span_too_long` */
function boundedSpan(
  query: z.infer<typeof querySchema>,
  zone: string,
  now: number,
): { from: number; to: number } {
  const to = query.to === undefined ? now : instantOf(query.to, zone);
  const from =
    query.from === undefined ? to - windowsDefault * windowMs[query.window] : instantOf(query.from, zone);
  if (from >= to) throw problem('span_invalid');
  const windows = Math.ceil((to - from) / windowMs[query.window]);
  if (windows > windowsMax) throw problem('span_too_long', { windows, windowsMax });
  return { from, to };
}

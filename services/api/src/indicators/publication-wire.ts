import { differenceOf, indicatorEventSchema, isRestatement, type IndicatorEvent } from '@songma/domain';
import type { Registry } from '@songma/registry';
import { z } from 'zod';
import type { Cells, Columns } from '../answers/cells.ts';
import { declaredVoidText } from '../voids/declared-voids.ts';
import { indicatorWire, indicatorWireSchema } from './indicator-wire.ts';

/** A publication of an indicator as it is answered: what stood before, what stands after it, and why. */
export const publicationWireSchema = z
  .object({
    id: z.string(),
    restatement: z.boolean().meta({
      description:
        'Whether numbers that had been published as finished are now others. False for the first publication, and for ' +
        'one that fills a window, live or while its history is imported in order.',
    }),
    cause: indicatorEventSchema.shape.cause.meta({
      description:
        'What moved it: `readings` that came or were corrected, a change of the `registry`, or `rules` of a newer build.',
    }),
    before: indicatorWireSchema.nullable().meta({ description: 'Null for the first publication.' }),
    after: indicatorWireSchema,
    difference: z.object({
      value: z.number().nullable().meta({
        description: 'Value after less value before, in `unit`; null where one of them has none.',
      }),
      share: z.number().nullable().meta({ description: 'The same as a share of the value before.' }),
    }),
  })
  .meta({ title: 'Publication' });
export type PublicationWire = z.infer<typeof publicationWireSchema>;

export function publicationWire(event: IndicatorEvent, registry: Registry): PublicationWire {
  const { id, cause, before, after } = event;
  return {
    id,
    restatement: isRestatement(event),
    cause,
    before: before === null ? null : indicatorWire(before, registry),
    after: indicatorWire(after, registry),
    difference: differenceOf(before, after),
  };
}

/** Columns of a publication as a table. */
export const publicationColumns = {
  id: 'text',
  enterprise: 'text',
  site: 'text',
  product: 'text',
  name: 'text',
  window: 'text',
  start: 'time',
  end: 'time',
  unit: 'text',
  revision: 'integer',
  publishedAt: 'time',
  restatement: 'boolean',
  cause: 'text',
  valueBefore: 'number',
  value: 'number',
  difference: 'number',
  differenceShare: 'number',
  coverageBefore: 'number',
  coverage: 'number',
  withheldBefore: 'text',
  withheld: 'text',
  publishedAtBefore: 'time',
  voids: 'text',
} as const satisfies Columns;

export function publicationCells(publication: PublicationWire): Cells {
  const { id, restatement, cause, before, after, difference } = publication;
  const { enterprise, site = null, product = null, name, window, start, end, unit } = after;
  return {
    ...{ id, enterprise, site, product, name, window, start, end, unit, restatement, cause },
    voids: (after.voids ?? []).map(declaredVoidText),
    revision: after.revision,
    publishedAt: after.publishedAt,
    value: after.value,
    coverage: after.coverage,
    withheld: after.withheld,
    valueBefore: before?.value ?? null,
    coverageBefore: before?.coverage ?? null,
    withheldBefore: before?.withheld ?? null,
    publishedAtBefore: before?.publishedAt ?? null,
    difference: difference.value,
    differenceShare: difference.share,
  } satisfies Record<keyof typeof publicationColumns, Cells[string]>;
}

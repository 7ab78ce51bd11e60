import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { ApiKey } from '@songma/domain';
import type { Registry } from '@songma/registry';
import { language, problemResponses } from '@songma/runtime';
import { z } from 'zod';
import { fatesOf, fatesSchema } from '../fates.ts';
import { problem } from '../problems.ts';
import type { KnownBatch } from '../projection/batches.ts';
import type { Projection } from '../projection/projection.ts';
import type { Pusher } from '../pusher.ts';
import { reasonOf } from '../refusals.ts';
import { receiptAnswer, receiptAnswerSchema } from '../receipts.ts';
import type { WorkTurns } from '../work-turns.ts';

const batchAnswerSchema = receiptAnswerSchema.extend({
  /** Rows by what became of them, as runs of first row and count. */
  fates: fatesSchema,
});

export type BatchAnswer = z.infer<typeof batchAnswerSchema>;

export interface BatchesRouteDeps {
  readonly projection: Pick<Projection, 'batch'>;
  readonly registry: Pick<Registry, 'list'>;
  readonly pusherOf: (request: object) => Pusher;
  readonly turns: WorkTurns;
}

/** Whether everything that a key can push is what this pusher could. */
function mayAskFor(
  { isAdmin, enterprise, sites }: Pusher,
  key: Pick<ApiKey, 'enterprise' | 'sites'>,
): boolean {
  if (isAdmin) return true;
  if (key.enterprise !== enterprise) return false;
  return sites === undefined || (key.sites.length > 0 && key.sites.every((site) => sites.has(site)));
}

/** `GET /v1/batches/{id}`: the receipt, and what became of each row since. */
export function addBatchesRoute(app: FastifyInstance, deps: BatchesRouteDeps): void {
  const { projection, registry, pusherOf, turns } = deps;

  /** The batch of this key, or of another one that pushes for no more: a successor asks for its predecessor's. */
  function find(pusher: Pusher, batch: string): KnownBatch | undefined {
    const own = projection.batch(pusher.key, batch);
    if (own !== undefined) return own;
    for (const { id, body } of registry.list('key')) {
      if (id === pusher.key || !mayAskFor(pusher, body)) continue;
      const found = projection.batch(id, batch);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  app.withTypeProvider<ZodTypeProvider>().get(
    '/v1/batches/:batch',
    {
      schema: {
        tags: ['readings'],
        summary: 'What became of a push',
        description:
          'The receipt of a push by its batch id, and for each row whether it was stored, a duplicate, superseding, ' +
          'quarantined, or is still on its way.',
        params: z.object({ batch: z.string() }),
        response: { 200: batchAnswerSchema, ...problemResponses(401, 403, 404, 429) },
        security: [{ bearer: [] }, { apiKey: [] }],
      },
    },
    async (request) => {
      const pusher = pusherOf(request);
      const { batch } = request.params;
      const known = find(pusher, batch);
      if (known === undefined) throw problem('batch_unknown', { batch });
      const spoken = language(request);
      const answer = await receiptAnswer(known.receipt, spoken, turns.begin());
      const byStore = Object.values(known.parts).flatMap((part) =>
        part.refused.map(([row, why]) => ({
          row,
          code: 'refused_by_store',
          reason: reasonOf('refused_by_store', { problem: why }, spoken),
        })),
      );
      return {
        ...answer,
        refused: [...answer.refused, ...byStore].toSorted((a, b) => a.row - b.row),
        fates: fatesOf(known.receipt, known.parts),
      };
    },
  );
}

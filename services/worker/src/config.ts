import { setting, type SettingsOf } from '@songma/runtime';
import { z } from 'zod';

const positive = z.coerce.number().int().positive();

/** Settings of the worker. */
export const workerSettings = {
  concurrency: setting('WORKER_CONCURRENCY', positive.max(16).default(2), {
    description: 'Shards that one worker process computes at the same time.',
  }),
  changesMax: setting('WORKER_CHANGES_MAX', positive.default(4_000), {
    description: 'Changed hours of sites that are computed and settled together, at most.',
  }),
  pieceReadingsAimed: setting('WORKER_PIECE_READINGS', positive.default(250_000), {
    description:
      'About how many readings are read for one piece of work; pieces shrink and grow towards it, so that memory stays bounded in a backlog.',
  }),
  refillShareMax: setting('WORKER_REFILL_SHARE_MAX', z.coerce.number().min(0.01).max(1).default(0.15), {
    description:
      'Share of the time of a worker process, 0.01 to 1, that is spent on computing windows again that are still being filled.',
  }),
  restMsMax: setting('WORKER_REST_MS_MAX', z.coerce.number().int().min(0).default(30_000), {
    description:
      'Longest pause between two such computations of a shard, in milliseconds; it ends within ten seconds when nothing more comes.',
  }),
  backlogRestMsMax: setting('WORKER_BACKLOG_REST_MS_MAX', z.coerce.number().int().min(0).default(600_000), {
    description:
      'How long an import of older hours that never pauses is waited for before its months are computed, in milliseconds at most; a month that gets nothing more for two seconds is computed at once.',
  }),
  reconcileMs: setting('WORKER_RECONCILE_MS', positive.default(60_000), {
    description:
      'How often the worker asks the series store whether something is due that nobody woke it for.',
  }),
  windowGraceMs: setting('WORKER_WINDOW_GRACE_MS', z.coerce.number().int().min(0).default(900_000), {
    description:
      'How long after its end a window of a limit waits for readings that may still come, in milliseconds. It is judged sooner when all of them are there or something newer of its site has come.',
  }),
  registryGraceMs: setting('WORKER_REGISTRY_GRACE_MS', z.coerce.number().int().min(0).default(30_000), {
    description:
      'How long readings of a site or meter wait for the registry to know it, in milliseconds; then it is taken for retired.',
  }),
};

export type WorkerConfig = SettingsOf<typeof workerSettings>;

import {
  outcomesRecordSchema,
  quarantineEventSchema,
  type QuarantineEvent,
  type Receipt,
} from '@songma/domain';
import type { EventLog, Following, LogRecord, Positions } from '@songma/event-log';
import { pause, type Logger, type ReadyCheck } from '@songma/runtime';
import { idOf } from './batch-filter.ts';
import { createBatches, type KnownBatch } from './batches.ts';
import { createQuarantine, type Quarantine } from './quarantine.ts';
import type { WorkTurns } from '../work-turns.ts';
import { openDatabase } from './schema.ts';

const quarantineEvents: ReadonlySet<unknown> = new Set<QuarantineEvent['event']>([
  'refused',
  'quarantined',
  'replayed',
]);
const dayMs = 86_400_000;
const pruneIntervalMs = 3_600_000;
/** How long opening waits for the log to be read up to its end; after that it goes on while pushes are taken. */
const catchUpMs = 5_000;
/** Receipts kept in memory until the writer has reported their batch; beyond, the oldest go to the file. */
const unreportedMax = 20_000;
const spilledAtOnce = 1_000;
/** What becomes of many small pushes is folded together. */
const paceMs = 250;

export interface ProjectionOptions {
  readonly folder: string;
  readonly receiptDays: number;
  readonly quarantineDays: number;
}

export interface ProjectionDeps {
  readonly eventLog: EventLog;
  readonly logger: Logger;
  readonly turns: WorkTurns;
  readonly now: () => number;
}

/**
 * What the door knows of earlier pushes: folded from the log's topics `outcomes` and `quarantine` into a file of its
 * own, with the positions in the last transaction of what they cover, and before that from the receipts that it has just given.
 */
export interface Projection {
  /** A push whose readings are in the log, whether or not they are stored yet. */
  batch(apiKey: string, batch: string): KnownBatch | undefined;
  /** Remembers a receipt that has just been given. */
  remember(receipt: Receipt): void;
  readonly quarantine: Pick<Quarantine, 'find' | 'list' | 'keptSince'>;
  latestKnownUs(): number;
  readonly checks: readonly ReadyCheck[];
  /** Rejects when the log cannot be followed any more: end the process then. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

export async function openProjection(deps: ProjectionDeps, options: ProjectionOptions): Promise<Projection> {
  const { eventLog, logger, turns, now } = deps;
  const database = openDatabase(options.folder, logger, now);
  const batches = createBatches(database);
  const quarantine = createQuarantine(database);
  const unreported = new Map<string, Receipt>();
  const setPosition = database.prepare(
    'INSERT OR REPLACE INTO positions (topic, partition, next) VALUES (?, ?, ?)',
  );

  const inTransaction = (work: () => void) => {
    database.exec('BEGIN');
    try {
      work();
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };
  const positionsOf = (topic: string): Positions =>
    Object.fromEntries(
      database
        .prepare('SELECT partition, next FROM positions WHERE topic = ?')
        .all(topic)
        .map((row) => [Number(row['partition']), Number(row['next'])]),
    );
  const follow = (
    topic: 'outcomes' | 'quarantine',
    fold: (record: LogRecord) => Iterable<void>,
  ): Promise<Following> =>
    eventLog.follow({ topic, from: positionsOf(topic), paceMs }, async (records) => {
      const steps = stepsOf(records, fold);
      const work = turns.begin();
      // A transaction a turn: nobody else who uses the file finds one open. After a kill in between the same records
      // are folded again, which changes nothing.
      for (;;) {
        let isDone = false;
        inTransaction(() => {
          do isDone = steps.next().done === true;
          while (!isDone && !work.isTurnOver());
          if (!isDone) return;
          const next = new Map(records.map(({ partition, offset }) => [partition, offset + 1]));
          for (const [partition, offset] of next) setPosition.run(topic, partition, offset);
        });
        if (isDone) return;
        await work.next();
      }
    });
  const spill = (count: number) => {
    inTransaction(() => {
      for (const [id, receipt] of unreported) {
        if (count-- <= 0) break;
        batches.spill(receipt);
        unreported.delete(id);
      }
    });
  };
  const closing = new AbortController();
  const gather = async () => {
    while (!closing.signal.aborted && batches.gather()) await pause(1);
  };
  const prune = async () => {
    while (!closing.signal.aborted && batches.prune(now() - options.receiptDays * dayMs) > 0) await pause(1);
    while (!closing.signal.aborted && quarantine.prune(now() - options.quarantineDays * dayMs) > 0)
      await pause(1);
  };

  const followings = await Promise.all([
    follow('outcomes', function* (record) {
      for (const outcome of outcomesRecordSchema.parse(parse(record))) {
        batches.fold(outcome);
        if (outcome.receipt !== undefined) unreported.delete(idOf(outcome.apiKey, outcome.batch));
        yield;
      }
    }),
    follow('quarantine', function* (record) {
      const event = parse(record) as { readonly event?: unknown };
      // What a later build has added is passed over.
      if (!quarantineEvents.has(event.event)) return;
      yield* quarantine.fold(quarantineEventSchema.parse(event));
    }),
  ]);
  let isCaughtUp = false;
  const caughtUp = Promise.all(followings.map((following) => following.caughtUp)).then(() => {
    isCaughtUp = true;
  });
  // A reader that died says so by `closed`.
  caughtUp.catch(() => undefined);
  const waiting = new AbortController();
  await Promise.race([caughtUp, pause(catchUpMs, waiting.signal)]);
  waiting.abort();

  const gathering = gather().catch((error: unknown) => {
    logger.error(
      { err: error },
      'earlier batches could not be learnt: each new one is looked for in the file',
    );
  });
  let pruning = Promise.resolve();
  const pruneSafely = () => {
    pruning = pruning.then(prune).catch((error: unknown) => {
      logger.error({ err: error }, 'old receipts could not be forgotten');
    });
  };
  pruneSafely();
  const pruneTimer = setInterval(pruneSafely, pruneIntervalMs).unref();

  return {
    batch(apiKey, batch) {
      const known = batches.find(apiKey, batch);
      if (known !== undefined) return known;
      const receipt = unreported.get(idOf(apiKey, batch));
      return receipt && { receipt, parts: {} };
    },
    remember(receipt) {
      unreported.set(idOf(receipt.apiKey, receipt.batch), receipt);
      if (unreported.size > unreportedMax) spill(spilledAtOnce);
    },
    quarantine,
    latestKnownUs: () => batches.latestKnownUs(),
    checks: [
      {
        name: 'receipts',
        check: async () => {
          if (!isCaughtUp) throw new Error('earlier receipts are still being read from the log');
        },
      },
    ],
    closed: Promise.all(followings.map((following) => following.closed)).then(() => undefined),
    async close() {
      closing.abort();
      clearInterval(pruneTimer);
      await Promise.all(followings.map((following) => following.close()));
      await Promise.all([gathering, pruning]);
      spill(Infinity);
      database.close();
    },
  };
}

function* stepsOf(
  records: readonly LogRecord[],
  fold: (record: LogRecord) => Iterable<void>,
): Generator<void, void> {
  for (const record of records) {
    yield* fold(record);
    yield;
  }
}

const decoder = new TextDecoder();

function parse(record: LogRecord): unknown {
  return JSON.parse(decoder.decode(record.value));
}

import { UnavailableError } from '@songma/runtime';
import type { EventLog, Following, LogRecord, Reading } from '../src/index.ts';

type Handle = Parameters<EventLog['consume']>[1];
type Mutation = (log: EventLog) => Partial<EventLog>;

/** Ways to break a log. Each must turn at least one promise of the conformance suite red. */
export const mutants = {
  /** Acknowledges what it will write in a moment. */
  'resolves before it commits': (log) => ({
    async append(topic, records) {
      setTimeout(() => void log.append(topic, records).catch(() => {}), 200);
    },
  }),
  /** Says that all is well when it is not. */
  'hides that it could not commit': (log) => ({
    append: (topic, records) => log.append(topic, records).catch(() => {}),
  }),
  'turns the records of an append around': (log) => ({
    append: (topic, records) => log.append(topic, records.toReversed()),
  }),
  /** Two appends under way at a time overtake each other. */
  'lets a later append overtake': (log) => {
    let calls = 0;
    return {
      async append(topic, records) {
        if (calls++ % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
        await log.append(topic, records);
      },
    };
  },
  'moves on when a handler rejects': (log) => ({
    consume: (options, handle) =>
      log.consume(options, (records, signal) => handle(records, signal).catch(() => {})),
  }),
  /** A refused batch comes again, but after what follows it. */
  'delivers later records before a refused batch': (log) => ({
    consume(options, handle) {
      const refused: LogRecord[] = [];
      return log.consume(options, async (records, signal) => {
        try {
          await handle(records, signal);
          await handle(refused.splice(0), signal);
        } catch (error) {
          if (!(error instanceof UnavailableError)) throw error;
          refused.push(...records);
        }
      });
    },
  }),
  'begins a new group at the end': (log) => ({
    async consume(options, handle) {
      let skip = await log.lag(options.topic, options.group);
      return log.consume(options, async (records, signal) => {
        const rest = records.slice(skip);
        skip = Math.max(0, skip - records.length);
        if (rest.length > 0) await handle(rest, signal);
      });
    },
  }),
  'gives a record to one group only': (log) => {
    const taken = new Set<string>();
    return {
      consume: (options, handle) =>
        log.consume(options, async (records, signal) => {
          const left = records.filter(({ key, headers }) => !taken.has(`${key} ${headers.n}`));
          if (left.length > 0) await handle(left, signal);
          for (const { key, headers } of left) taken.add(`${key} ${headers.n}`);
        }),
    };
  },
  /** Every reader is a new group. */
  'forgets where a group was': (log) => {
    let readers = 0;
    return {
      consume: (options, handle: Handle): Promise<Reading> =>
        log.consume({ ...options, group: `${options.group} ${process.pid} ${readers++}` }, handle),
    };
  },
  'advances a position before its handler resolves': (log) => ({
    consume: (options, handle) =>
      log.consume(options, async (records, signal) => {
        handle(records, signal).catch(() => {});
      }),
  }),
  'ignores the positions of a follower': (log) => ({
    follow: ({ topic }, handle) => log.follow({ topic }, handle),
  }),
  'says too early that it has caught up': (log) => ({
    async follow(options, handle): Promise<Following> {
      const following = await log.follow(options, handle);
      return { ...following, caughtUp: Promise.resolve() };
    },
  }),
  'keeps no pace': (log) => ({
    consume: ({ paceMs: _, ...options }, handle) => log.consume(options, handle),
  }),
  'counts no lag': () => ({ lag: async () => 0 }),
} satisfies Record<string, Mutation>;

/** The log broken in the named way, or as it is. */
export function mutate(log: EventLog, mutant: string | undefined): EventLog {
  if (mutant === undefined) return log;
  const changed: Partial<EventLog> = mutants[mutant as keyof typeof mutants](log);
  return {
    append: (topic, records) => log.append(topic, records),
    consume: (options, handle) => log.consume(options, handle),
    follow: (options, handle) => log.follow(options, handle),
    lag: (topic, group) => log.lag(topic, group),
    check: () => log.check(),
    close: () => log.close(),
    ...changed,
  };
}

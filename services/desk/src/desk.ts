import { openChannels, openDeskKey, type Channel } from '@songma/channels';
import type { CaseBook } from '@songma/cases';
import type { EventLog } from '@songma/event-log';
import type { Registry } from '@songma/registry';
import { UnavailableError, type Logger, type Metrics, type ReadyCheck } from '@songma/runtime';
import type { DeskConfig } from './config.ts';
import { Decisions } from './decisions.ts';
import { Deliveries } from './deliveries.ts';
import { createDeskMetrics } from './desk-metrics.ts';
import { plannedOf } from './planned.ts';

export { deskSettings, type DeskConfig } from './config.ts';

export interface DeskDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly eventLog: EventLog;
  readonly registry: Registry;
  readonly book: CaseBook;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Opened by the settings unless given. */
  readonly channel?: Channel;
}

export interface Desk {
  readonly checks: readonly ReadyCheck[];
  /** Rejects at a bug: end the process then. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** A look at least so often, whatever was said: clocks may be set. */
const lookMsMax = 30_000;
const retryMs = 1_000;
/** Rounds of writing down before a pause: each step may make another one due. */
const roundsMax = 1_000;

/**
 * Tells people: derives from the cases what is due, writes it down, sends it. One desk runs at a time; what it does
 * follows from the log, so that another one goes on where it ended. Settled before it looks: the case book and the
 * registry have caught up with the log when they are opened.
 */
export async function startDesk(deps: DeskDeps, config: DeskConfig): Promise<Desk> {
  const { book, registry, logger, now, eventLog } = deps;
  const metrics = createDeskMetrics(deps.metrics, book.facts);
  const channel = deps.channel ?? openChannels(config.channels, { logger, now });
  const deskKey = await openDeskKey(config.channels);
  const decisions = new Decisions(book.facts, registry);
  const words = { facts: book.facts, registered: registry, publicUrl: config.publicUrl };
  const died = Promise.withResolvers<void>();
  died.promise.catch(() => {});
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;
  let wake = Promise.withResolvers<void>();
  const look = () => wake.resolve();

  const stopCases = book.onChange((cases) => {
    decisions.changed(cases);
    look();
  });
  const stopRegistry = registry.onChange(({ kind }) => {
    if (!bearsOn.has(kind)) return;
    decisions.everything();
    look();
  });
  const deliveries = new Deliveries({
    book,
    channel,
    deskKey,
    logger,
    now,
    onAttempt: (notice, delivery) => metrics.attempt(notice, delivery, now()),
    onDone: look,
    onBug: (error) => died.reject(error),
  });

  /** Writes down what is due until nothing is, and sends. @returns when to look again */
  async function work(): Promise<number> {
    for (let round = 0; round < roundsMax && !isStopping(); round++) {
      const at = now();
      const { steps, withdraw } = decisions.decide(at);
      if (steps.length > 0 || withdraw.length > 0) {
        await book.append(steps);
        await book.appendNotices(withdraw.map((notice) => ({ step: 'withdrawn', notice, at })));
        continue;
      }
      const planned = decisions.messages(at).flatMap((message) => plannedOf(words, message, at) ?? []);
      if (planned.length === 0) break;
      await book.appendNotices(planned);
      deliveries.send();
    }
    return Math.min(decisions.nextAt(), deliveries.send());
  }

  async function run(): Promise<void> {
    while (!isStopping()) {
      wake = Promise.withResolvers<void>();
      let nextAt: number;
      try {
        nextAt = await work();
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
        logger.warn(
          { code: error.code, reason: error.message },
          'the desk could not write down what is due; again',
        );
        decisions.everything();
        nextAt = now() + retryMs;
      }
      const waitMs = Math.min(Math.max(nextAt - now(), 0), lookMsMax);
      if (isStopping()) return;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, waitMs);
      });
      await Promise.race([wake.promise, late]);
      clearTimeout(timer);
    }
  }
  const running = run().catch((error: unknown) => died.reject(error));

  return {
    checks: [...book.checks, { name: 'event log', check: () => eventLog.check() }],
    closed: Promise.race([died.promise, book.closed]),
    async close() {
      stopping.abort();
      look();
      stopCases();
      stopRegistry();
      await running;
      await deliveries.close();
      if (deps.channel === undefined) await channel.close();
      died.resolve();
    },
  };
}

/** Kinds of the registry that decide who is told of what. */
const bearsOn: ReadonlySet<string> = new Set(['person', 'roster', 'policy', 'channel', 'outage', 'site']);

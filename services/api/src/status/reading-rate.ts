import { outcomeReadingsHeader, outcomeReadingsSchema } from '@songma/domain';
import type { EventLog, LogRecord } from '@songma/event-log';

/** Group under which the outcomes of the writer are counted. Processes that share it each see a part of them. */
const group = 'api-status';

/** Rates are of whole seconds. */
const paceMs = 500;

/** Seconds that are remembered. */
export const secondsKept = 60;
const secondsAveraged = 10;

interface Counts {
  /** Second of the epoch modulo `secondsKept` → readings handled in it. */
  readonly perSecond: Float64Array;
  lastSecond: number;
}

/** How many readings reach the store, by enterprise, as the writer's outcomes tell it. */
export interface ReadingRate {
  /** Mean of the last ten whole seconds. Without an enterprise: of all. */
  perSecond(enterprise?: string): number;
  /** Readings in each of the last 59 whole seconds, oldest first. */
  recent(enterprise?: string): number[];
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Counts from now on; what lies in the log from before is passed over. */
export async function openReadingRate(eventLog: EventLog, now: () => number): Promise<ReadingRate> {
  const all: Counts = emptyCounts();
  const byEnterprise = new Map<string, Counts>();

  function countsFor(enterprise: string): Counts {
    let counts = byEnterprise.get(enterprise);
    if (counts === undefined) {
      counts = emptyCounts();
      byEnterprise.set(enterprise, counts);
    }
    return counts;
  }

  const reading = await eventLog.consume({ topic: 'outcomes', group, paceMs }, async (records) => {
    const at = now();
    const second = Math.floor(at / 1000);
    for (const record of records) {
      if (isOld(record, at)) continue;
      for (const [enterprise, readings] of Object.entries(readingsIn(record))) {
        add(all, second, readings);
        add(countsFor(enterprise), second, readings);
      }
    }
  });

  const countsOf = (enterprise: string | undefined) =>
    enterprise === undefined ? all : byEnterprise.get(enterprise);
  const recent = (enterprise?: string) => {
    const counts = countsOf(enterprise);
    const second = Math.floor(now() / 1000);
    if (counts === undefined) return Array.from({ length: secondsKept - 1 }, () => 0);
    add(counts, second, 0);
    // The second under way is not whole yet: it is left out.
    return Array.from(
      { length: secondsKept - 1 },
      (_, i) => counts.perSecond[(second + 1 + i) % secondsKept]!,
    );
  };
  return {
    recent,
    perSecond(enterprise) {
      const seconds = recent(enterprise).slice(-secondsAveraged);
      return seconds.reduce((sum, readings) => sum + readings, 0) / secondsAveraged;
    },
    closed: reading.closed,
    close: () => reading.close(),
  };
}

function emptyCounts(): Counts {
  return { perSecond: new Float64Array(secondsKept), lastSecond: 0 };
}

/** Adds to a second, and clears those in between in which nothing came. */
function add(counts: Counts, second: number, readings: number): void {
  const from = Math.max(counts.lastSecond + 1, second - secondsKept + 1);
  for (let passed = from; passed <= second; passed++) counts.perSecond[passed % secondsKept] = 0;
  counts.lastSecond = Math.max(counts.lastSecond, second);
  counts.perSecond[second % secondsKept]! += readings;
}

/** By enterprise. The outcomes themselves are not looked at: they are many times as much. */
function readingsIn({ headers }: LogRecord): Record<string, number> {
  const text = headers[outcomeReadingsHeader];
  return text === undefined ? {} : outcomeReadingsSchema.parse(JSON.parse(text));
}

/** A record from before the seconds that are remembered: it need not even be read. */
function isOld({ headers }: LogRecord, at: number): boolean {
  const time = headers['ce_time'];
  return time !== undefined && Date.parse(time) < at - secondsKept * 1000;
}

import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Journal } from './journal.ts';
import type { Push } from './traffic.ts';

const repeatDeadlineMs = 180_000;
const repeatPauseMs = 100;

export interface DriveResult {
  readonly seconds: number;
  readonly pushes: number;
  readonly acceptedReadings: number;
  /** Answers 429 and 503, broken connections: each was repeated until accepted. */
  readonly repeats: number;
  /** From the moment that a push was to be sent to its receipt, milliseconds, unsorted. */
  readonly ackMs: readonly number[];
  /** Receipts that did not say what was right. */
  readonly wrong: readonly string[];
}

export interface DriveOptions {
  readonly url: string;
  readonly pushes: Iterable<Push>;
  readonly journal: Journal;
  readonly inFlightMax: number;
  /** Open loop: pushes leave at this rate whether or not answers come; absent: as fast as answers come. */
  readonly pushesPerSecond?: number;
  /** Called once a push is accepted, with when it was to be sent (performance.now). */
  readonly onAccepted?: (push: Push, sentAt: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Sends pushes through the door: many at once, but those of one site one after the other. What fails is repeated under
 * its batch id until it is accepted, and noted in the journal only then.
 */
export async function drive(options: DriveOptions): Promise<DriveResult> {
  const { journal, inFlightMax, signal } = options;
  const pool = new Pool(options.url, {
    connections: inFlightMax,
    pipelining: 1,
    headersTimeout: 60_000,
    bodyTimeout: 60_000,
  });
  const ackMs: number[] = [];
  const wrong: string[] = [];
  let pushes = 0;
  let repeats = 0;
  const acceptedBefore = journal.accepted;
  const lastOfSite = new Map<string, Promise<void>>();
  let underWay = 0;
  let onRoom: (() => void) | undefined;
  const begun = performance.now();

  const send = async (push: Push, dueAt: number): Promise<void> => {
    const body = JSON.stringify({ readings: push.rows });
    const deadline = performance.now() + repeatDeadlineMs;
    for (;;) {
      const answer = await post(pool, push, body);
      // 422: every row was refused, as was due for a push of nothing but invalid ones.
      if (answer.status === 202 || (answer.status === 422 && push.effects.length === 0)) {
        ackMs.push(performance.now() - dueAt);
        const { accepted, refused = [] } = JSON.parse(answer.text) as {
          accepted?: number;
          refused?: unknown[];
        };
        if (accepted !== push.effects.length || refused.length !== push.invalid) {
          wrong.push(
            `${push.batch}: ${accepted} accepted and ${refused.length} refused of ${push.rows.length}`,
          );
        }
        journal.note(push);
        options.onAccepted?.(push, dueAt);
        return;
      }
      if (answer.status !== 0 && answer.status !== 429 && answer.status < 500) {
        wrong.push(`${push.batch}: ${answer.status} ${answer.text.slice(0, 200)}`);
        return;
      }
      if (performance.now() > deadline) {
        wrong.push(`${push.batch}: not accepted in time: ${answer.status} ${answer.text.slice(0, 200)}`);
        return;
      }
      repeats++;
      await wait(repeatPauseMs);
    }
  };

  for (const push of options.pushes) {
    if (signal?.aborted === true) break;
    const dueAt =
      options.pushesPerSecond === undefined
        ? performance.now()
        : begun + (pushes / options.pushesPerSecond) * 1000;
    pushes++;
    const early = dueAt - performance.now();
    if (early > 1) await wait(early);
    if (options.pushesPerSecond === undefined && underWay >= inFlightMax) {
      await new Promise<void>((resolve) => {
        onRoom = resolve;
      });
    }
    underWay++;
    const before = lastOfSite.get(push.site.id) ?? Promise.resolve();
    const sent: Promise<void> = before
      .then(() => send(push, options.pushesPerSecond === undefined ? performance.now() : dueAt))
      .finally(() => {
        underWay--;
        onRoom?.();
        onRoom = undefined;
      });
    lastOfSite.set(push.site.id, sent);
  }
  await Promise.all(lastOfSite.values());
  const seconds = (performance.now() - begun) / 1000;
  await pool.close();
  return { seconds, pushes, acceptedReadings: journal.accepted - acceptedBefore, repeats, ackMs, wrong };
}

/** By undici's inner door: a promise and a stream for each answer cost more than the request. */
function post(pool: Pool, push: Push, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    let status = 0;
    const chunks: Buffer[] = [];
    pool.dispatch(
      {
        method: 'POST',
        path: '/v1/readings',
        headers: {
          authorization: `Bearer ${push.site.token}`,
          'content-type': 'application/json',
          'idempotency-key': push.batch,
        },
        body,
      },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, code) => {
          status = code;
        },
        onResponseData: (_controller, chunk) => {
          chunks.push(chunk);
        },
        onResponseEnd: () => resolve({ status, text: Buffer.concat(chunks).toString() }),
        onResponseError: () => resolve({ status: 0, text: '' }),
      },
    );
  });
}

/** The value below which `share` (0 to 1) of the samples lie; NaN for none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

import type { IncomingMessage } from 'node:http';
import type { PushInFlight } from './admission.ts';
import { problem } from './problems.ts';

/** How long a body may come as slowly as it likes. */
const graceMs = 10_000;
const sweepMs = 1_000;

interface ComingBody {
  readonly began: number;
  bytes: number;
  fail(error: Error): void;
}

export interface BodyLimits {
  readonly bodyBytesMax: number;
  readonly bodyBytesPerSecondMin: number;
}

/**
 * Reads bodies, counting each byte when it comes and not when it is announced: who announces much and sends nothing
 * takes no room from others, and is sent away when it goes on.
 */
export class BodyReader {
  readonly #limits: BodyLimits;
  readonly #coming = new Set<ComingBody>();
  readonly #timer: NodeJS.Timeout;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
    this.#timer = setInterval(() => this.sweep(performance.now()), sweepMs).unref();
  }

  /** @throws HttpProblem `body_too_large`, `body_too_slow`, `overloaded`, `key_overloaded` */
  read(payload: IncomingMessage, push: Pick<PushInFlight, 'grow'>): Promise<Buffer> {
    const { bodyBytesMax } = this.#limits;
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const pieces: Buffer[] = [];
    const body: ComingBody = {
      began: performance.now(),
      bytes: 0,
      fail: (error) => {
        this.#coming.delete(body);
        pieces.length = 0;
        payload.removeListener('data', take);
        payload.pause();
        reject(error);
      },
    };
    const take = (piece: Buffer) => {
      body.bytes += piece.length;
      try {
        if (body.bytes > bodyBytesMax) throw problem('body_too_large', { limit: bodyBytesMax });
        push.grow(piece.length);
        pieces.push(piece);
      } catch (error) {
        body.fail(error as Error);
      }
    };
    this.#coming.add(body);
    payload.on('data', take);
    payload.once('end', () => {
      this.#coming.delete(body);
      resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
    });
    payload.once('error', (error) => body.fail(error));
    return promise;
  }

  /** Sends away what comes too slowly. @param now as `performance.now()` */
  sweep(now: number): void {
    const { bodyBytesPerSecondMin } = this.#limits;
    for (const body of this.#coming) {
      const expected = ((now - body.began - graceMs) * bodyBytesPerSecondMin) / 1000;
      if (body.bytes < expected) body.fail(problem('body_too_slow', { limit: bodyBytesPerSecondMin }));
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

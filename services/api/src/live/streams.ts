import { Readable } from 'node:stream';
import { mayKnow, type Reader } from '../access.ts';
import { problem } from '../problems.ts';
import { EventRing, type LiveEvent, type LogPlace, type PlacedEvent } from './event-ring.ts';

export interface StreamLimits {
  /** Events kept for readers that come back. */
  readonly ringEventsMax: number;
  readonly streamsMax: number;
  /** Of them to one key, so that no key has them all. */
  readonly streamsPerKeyMax: number;
  /** Text that waits for a slow reader before it is cut off. */
  readonly waitingBytesMax: number;
  readonly heartbeatMs: number;
}

export const streamLimits: StreamLimits = {
  ringEventsMax: 1000,
  streamsMax: 200,
  streamsPerKeyMax: 50,
  waitingBytesMax: 256 * 1024,
  heartbeatMs: 15_000,
};

const retryAfterMs = 10_000;

/** What a reader wants to be told. */
export interface Subscription {
  readonly reader: Reader;
  readonly types: readonly LiveEvent['type'][];
  readonly enterprise: string | undefined;
  /** Id of the last event that it saw, when it comes back. */
  readonly lastEventId: string | undefined;
}

interface OpenStream {
  readonly subscription: Subscription;
  readonly readable: Readable;
}

/**
 * Live streams of server-sent events to any number of readers.
 *
 * Each is told from now on, or from the event that it saw last as far as that is still held (else a `gap` event says
 * that it must read the collections anew). One that reads too slowly is cut off: it comes back with the id of the
 * last event that it got. At each heartbeat the readers' keys are looked at again.
 */
export class EventStreams {
  readonly #limits: StreamLimits;
  readonly #ring: EventRing;
  readonly #inForce: (reader: Reader) => boolean;
  readonly #onCut: () => void;
  readonly #open = new Set<OpenStream>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: {
    readonly limits: StreamLimits;
    readonly inForce: (reader: Reader) => boolean;
    /** Told for each reader that was too slow. */
    readonly onCut: () => void;
  }) {
    this.#limits = options.limits;
    this.#ring = new EventRing(options.limits.ringEventsMax);
    this.#inForce = options.inForce;
    this.#onCut = options.onCut;
    this.#timer = setInterval(() => this.heartbeat(), options.limits.heartbeatMs);
    this.#timer.unref();
  }

  get size(): number {
    return this.#open.size;
  }

  /** @throws HttpProblem `too_many_streams`, `too_many_streams_of_key` when no more may be opened to this reader */
  requireRoom({ id }: Reader): void {
    const { streamsMax, streamsPerKeyMax } = this.#limits;
    let ofKey = 0;
    for (const { subscription } of this.#open) if (subscription.reader.id === id) ofKey++;
    if (ofKey >= streamsPerKeyMax) {
      throw problem('too_many_streams_of_key', { streamsMax: streamsPerKeyMax }, { retryAfterMs });
    }
    if (this.#open.size >= streamsMax) throw problem('too_many_streams', { streamsMax }, { retryAfterMs });
  }

  publish(place: LogPlace, event: LiveEvent): void {
    const placed = this.#ring.add(place, event);
    if (placed === undefined) return;
    const text = eventText(placed);
    for (const stream of this.#open) if (wants(stream.subscription, event)) this.#send(stream, text);
  }

  /** A record was passed that nobody is told of, or that is too old to be held. */
  skip(place: LogPlace): void {
    this.#ring.skip(place);
  }

  open(subscription: Subscription): Readable {
    const readable = new Readable({ read: () => undefined });
    const stream = { subscription, readable };
    this.#open.add(stream);
    readable.once('close', () => this.#open.delete(stream));
    const { lastEventId } = subscription;
    const missed = lastEventId === undefined ? undefined : this.#ring.after(lastEventId);
    // The browser waits two seconds before it comes back.
    readable.push('retry: 2000\n\n');
    if (lastEventId !== undefined && missed?.complete !== true) this.#send(stream, this.#text('gap'));
    for (const event of missed?.events ?? []) {
      if (wants(subscription, event)) this.#send(stream, eventText(event));
    }
    this.#send(stream, this.#text('ready'));
    return readable;
  }

  /** Shows every reader that the stream lives, and ends those whose key is no longer in force. */
  heartbeat(): void {
    const text = this.#text('heartbeat');
    for (const stream of this.#open) {
      if (this.#inForce(stream.subscription.reader)) this.#send(stream, text);
      else stream.readable.push(null);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { readable } of this.#open) readable.push(null);
    this.#open.clear();
  }

  #text(event: 'ready' | 'heartbeat' | 'gap'): string {
    return `id: ${this.#ring.id}\nevent: ${event}\ndata: {}\n\n`;
  }

  #send(stream: OpenStream, text: string): void {
    const { readable } = stream;
    if (readable.destroyed || readable.readableEnded) return;
    if (readable.readableLength + text.length > this.#limits.waitingBytesMax) {
      this.#open.delete(stream);
      readable.destroy();
      this.#onCut();
      return;
    }
    readable.push(text);
  }
}

function wants({ reader, types, enterprise }: Subscription, event: LiveEvent): boolean {
  return (
    types.includes(event.type) &&
    mayKnow(reader, event) &&
    (enterprise === undefined || enterprise === event.enterprise)
  );
}

function eventText({ id, type, data }: PlacedEvent): string {
  return `id: ${id}\nevent: ${type}\ndata: ${data}\n\n`;
}

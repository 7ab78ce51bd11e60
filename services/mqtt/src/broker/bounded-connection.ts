import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { PacketScanner } from './packet-scanner.ts';

export interface ConnectionBounds {
  /** Largest packet in bytes, once it is known who sends. */
  readonly packetBytesMax: number;
  /** How long a packet may take to arrive. */
  readonly packetMsMax: number;
}

/** Room for packets that are still arriving, over all connections. */
export interface PacketRoom {
  /** @returns whether so many bytes more may be waited for */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** Largest packet of somebody who has not said who he is: room for a will. */
const firstPacketBytesMax = 16 * 1024;
/** Packets up to this size take no room that is counted. */
const freePacketBytes = 64 * 1024;
const readAheadBytes = 16 * 1024;

/**
 * A socket as the broker sees it: packets are looked at before they are gathered, so that nobody makes it wait for
 * more than is allowed; and what is written in one turn goes out in one piece.
 */
export class BoundedConnection extends Duplex {
  readonly #socket: Socket;
  readonly #bounds: ConnectionBounds;
  readonly #room: PacketRoom;
  readonly #scanner = new PacketScanner();
  #timer: NodeJS.Timeout | undefined;
  /** The packet that the timer is about. */
  #timed = 0;
  #held = 0;
  #isKnown = false;

  constructor(socket: Socket, bounds: ConnectionBounds, room: PacketRoom) {
    super({ readableHighWaterMark: readAheadBytes, allowHalfOpen: false });
    this.#socket = socket;
    this.#bounds = bounds;
    this.#room = room;
    socket.on('data', (piece: Buffer) => this.#take(piece));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** It is known now who sends. */
  identified(): void {
    this.#isKnown = true;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(piece, done);
  }

  override _writev(pieces: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.write(Buffer.concat(pieces.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stopTimer();
    this.#hold(0);
    // What was written just before, such as the reason of a refusal, still goes out.
    this.#socket.destroySoon();
    done(error);
  }

  #take(piece: Buffer): void {
    if (this.destroyed) return;
    const bytesMax = this.#isKnown ? this.#bounds.packetBytesMax : firstPacketBytesMax;
    const problem = this.#scanner.scan(piece, bytesMax);
    if (problem !== undefined) {
      this.destroy(new Error(problem));
      return;
    }
    const { awaited, begun } = this.#scanner;
    if (!this.#hold(awaited > freePacketBytes ? awaited : 0)) {
      this.destroy(new Error('too many large packets are arriving'));
      return;
    }
    if (awaited === 0) this.#stopTimer();
    else if (begun !== this.#timed) this.#startTimer(begun);
    if (!this.push(piece)) this.#socket.pause();
  }

  #startTimer(packet: number): void {
    this.#timed = packet;
    if (this.#timer !== undefined) this.#timer.refresh();
    else {
      const isLate = () => this.destroy(new Error('a packet took too long to arrive'));
      this.#timer = setTimeout(isLate, this.#bounds.packetMsMax).unref();
    }
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #hold(bytes: number): boolean {
    if (bytes === this.#held) return true;
    this.#room.give(this.#held);
    this.#held = 0;
    if (bytes === 0) return true;
    if (!this.#room.take(bytes)) return false;
    this.#held = bytes;
    return true;
  }
}

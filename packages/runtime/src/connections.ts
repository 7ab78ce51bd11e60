import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long a door waits for its connections. */
export interface ConnectionLimits {
  /** Until the headers of a request are there, and until its body is. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** How often that is looked at. */
  readonly checkMs: number;
  /** Silence of a connection in the middle of an answer: its reader takes nothing. */
  readonly silenceMs: number;
  readonly keepAliveMs: number;
  /** Until what is still being answered is cut off when the app closes. */
  readonly closeMs: number;
  /** Connections of one address that is not this machine's own, where a proxy may stand for many. */
  readonly perAddressMax: number;
}

export const connectionLimits: ConnectionLimits = {
  headersMs: 15_000,
  requestMs: 60_000,
  checkMs: 5_000,
  silenceMs: 90_000,
  keepAliveMs: 65_000,
  closeMs: 5_000,
  perAddressMax: 1_000,
};

/** How long a refused connection has to take its answer before it is destroyed. */
const farewellMs = 1_000;

/** Writes the last words to a connection and destroys it, whether or not the other side ever closes. */
export function endConnection(socket: Socket, lastWords: string): void {
  const timer = setTimeout(() => socket.destroy(), farewellMs).unref();
  socket.once('close', () => clearTimeout(timer));
  // What still comes is thrown away: unread bytes would turn the answer into a reset.
  socket.resume();
  socket.end(lastWords);
}

/** Closes connections beyond what one address may have, so that a single machine cannot use up all of them. */
export function boundConnections(
  server: Pick<Server, 'on'>,
  { perAddressMax }: Pick<ConnectionLimits, 'perAddressMax'>,
): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (isOwn(address)) return;
    const count = open.get(address) ?? 0;
    if (count >= perAddressMax) {
      socket.destroy();
      return;
    }
    open.set(address, count + 1);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}

function isOwn(address: string): boolean {
  return address === '::1' || address === '' || /^(?:::ffff:)?127\./.test(address);
}

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Behaviour } from './subject.ts';

/** A port before a server, which may hang, cut what passes, or not be there. */
export interface TcpDoor {
  readonly port: number;
  behave(behaviour: Behaviour): Promise<void>;
  close(): Promise<void>;
}

/** Passes on to `port` of this machine. `cuts` ends a connection when the first of the server has passed. */
export async function openTcpDoor(target: () => number): Promise<TcpDoor> {
  let behaviour: Behaviour = 'takes';
  const sockets = new Set<Socket>();
  let server: Server | undefined = serve(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  function serve(at: number): Server {
    return createServer((inner) => {
      keep(inner);
      if (behaviour === 'silent') return;
      const outer = keep(connect(target(), '127.0.0.1'));
      inner.pipe(outer);
      if (behaviour === 'cuts') outer.once('data', () => inner.destroy());
      else outer.pipe(inner);
      outer.once('close', () => inner.destroy());
      inner.once('close', () => outer.destroy());
    }).listen(at, '127.0.0.1');
  }

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    return socket;
  }

  async function end(): Promise<void> {
    const ended = server === undefined ? undefined : once(server.close(), 'close');
    server = undefined;
    for (const socket of sockets) socket.destroy();
    await ended;
  }

  return {
    port,
    async behave(wanted) {
      behaviour = wanted;
      await end();
      if (wanted === 'gone') return;
      server = serve(port);
      await once(server, 'listening');
    },
    close: end,
  };
}

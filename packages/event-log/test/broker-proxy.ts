import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** Kafka's numbers of requests. @see https://kafka.apache.org/protocol */
const produce = 0;
const metadata = 3;
const findCoordinator = 10;

/**
 * A proxy in front of one broker, which understands as much of Kafka's protocol as it needs to lose one answer, and
 * to put itself in the broker's place in the answers that name it.
 */
export class BrokerProxy {
  readonly address: string;
  readonly #broker: { readonly host: string; readonly port: number };
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #loses: 'nothing' | 'answer' | 'connection' = 'nothing';
  #isCut = false;
  #coordinatorQuestions: ('answer' | 'lose')[] = [];
  /** Answers and questions lost so far. */
  lost = 0;

  static async start(broker: string): Promise<BrokerProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new BrokerProxy(server, broker);
  }

  private constructor(server: Server, broker: string) {
    const [host = '', port] = broker.split(':');
    this.#broker = { host, port: Number(port) };
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    this.address = `127.0.0.1:${this.#port}`;
    server.on('connection', (client) => this.#join(client));
  }

  /** The next record batch is stored, and its answer does not arrive: held back, or with the connection's end. */
  loseNextProduceAnswer(how: 'answer' | 'connection'): void {
    this.#loses = how;
  }

  /** Ends every connection; new ones are let through. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** What happens to the next questions for a group's coordinator: a lost one takes its connection with it. */
  planCoordinatorQuestions(plan: readonly ('answer' | 'lose')[]): void {
    this.#coordinatorQuestions = [...plan];
  }

  /** From now on nobody gets through, until it is mended. */
  cut(): void {
    this.#isCut = true;
    this.drop();
  }

  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    if (this.#isCut) {
      client.destroy();
      return;
    }
    const broker = connect(this.#broker);
    const requests = new Map<number, number>();
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    onFrames(client, (frame) => {
      const kind = frame.readInt16BE(4);
      if (kind === findCoordinator && this.#coordinatorQuestions.shift() === 'lose') {
        this.lost++;
        client.destroy();
        return;
      }
      requests.set(frame.readInt32BE(8), kind);
      broker.write(frame);
    });
    onFrames(broker, (frame) => {
      const id = frame.readInt32BE(4);
      const kind = requests.get(id);
      requests.delete(id);
      if (kind === produce && this.#loses !== 'nothing') {
        if (this.#loses === 'connection') client.destroy();
        this.#loses = 'nothing';
        this.lost++;
        return;
      }
      client.write(kind === metadata || kind === findCoordinator ? this.#inItsPlace(frame) : frame);
    });
  }

  /** The broker's address is a text with its length before it and the port behind it; only the port has to change. */
  #inItsPlace(frame: Buffer): Buffer {
    const name = Buffer.from(this.#broker.host);
    for (let at = frame.indexOf(name); at >= 0; at = frame.indexOf(name, at + 1)) {
      const portAt = at + name.length;
      if (frame.readInt32BE(portAt) === this.#broker.port) frame.writeInt32BE(this.#port, portAt);
    }
    return frame;
  }
}

/** Calls `take` with each message: four bytes of length and the rest. */
function onFrames(socket: Socket, take: (frame: Buffer) => void): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 4) {
      const length = 4 + received.readInt32BE(0);
      if (received.length < length) break;
      take(Buffer.from(received.subarray(0, length)));
      received = received.subarray(length);
    }
  });
}

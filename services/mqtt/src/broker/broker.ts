import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Registry } from '@songma/registry';
import { ConfigError, type Logger } from '@songma/runtime';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import type { MqttConfig } from '../config.ts';
import type { Inbox, Sender } from '../inbox.ts';
import type { MqttMetrics } from '../mqtt-metrics.ts';
import type { Outcome } from '../pushes/push-lanes.ts';
import { admit, maySubscribe, receiptsTopic } from './access.ts';
import { BoundedConnection, type PacketRoom } from './bounded-connection.ts';
import { createConnections, type Connections } from './connections.ts';
import { receiptText } from './receipts.ts';

export const portByDefault = 1_883;

export interface BrokerDeps {
  readonly registry: Pick<Registry, 'get' | 'onChange'>;
  readonly inbox: Inbox;
  readonly logger: Logger;
  readonly metrics: MqttMetrics;
  readonly now: () => number;
}

export interface Broker {
  /** Where it listens; undefined when its usual port was taken. */
  readonly address: string | undefined;
  readonly tlsAddress: string | undefined;
  readonly connections: Connections;
  tell(sender: Sender, topic: string, at: number, outcome: Outcome): void;
  close(): Promise<void>;
}

/** Bytes that a reader may be behind with and still be told more. */
const behindBytesMax = 256 * 1024;
const topicLevelsMax = 100;
/** There are no other brokers that wait for it. */
const heartbeatMs = 86_400_000;
/** Keys that expire are looked for. */
const expiryCheckMs = 60_000;

/**
 * MQTT 3.1.1 for plants that have no broker of their own. What is published goes into the log and to nobody else;
 * QoS 1 and 2 are acknowledged when the log has it. No sessions, no retained messages.
 */
class LogBroker extends Aedes {
  /** Nothing is forwarded: also not wills, and not what the broker would tell other brokers. */
  override publish(_packet: PublishPacket, clientOrDone: unknown, done?: unknown): void {
    const called = typeof clientOrDone === 'function' ? clientOrDone : done;
    if (typeof called === 'function') called();
  }
}

export async function startBroker(deps: BrokerDeps, config: MqttConfig): Promise<Broker> {
  const { registry, inbox, logger, metrics, now } = deps;
  const { limits } = config;
  const connections = createConnections(limits, metrics);
  const senders = new WeakMap<Client, Sender>();

  const broker = new LogBroker({
    connectTimeout: limits.connectMsMax,
    maxTopicLevels: topicLevelsMax,
    maxClientsIdLength: 256,
    heartbeatInterval: heartbeatMs,
    preConnect: (_client, packet, done) => {
      // Every session is a new one: what was not acknowledged is sent again by the client.
      packet.clean = true;
      const { keepAliveSecondsMax } = limits;
      packet.keepalive = Math.min(packet.keepalive || keepAliveSecondsMax, keepAliveSecondsMax);
      done(null, true);
    },
    authenticate: (client, username, password, done) => {
      const admission = admit(registry, username, password, now());
      const refuse = (why: string, returnCode: number) => {
        logger.debug({ why }, 'an MQTT client was not let in');
        metrics.ended(why);
        done(Object.assign(new Error(why), { returnCode }), null);
      };
      if (!admission.ok) return refuse(admission.why, admission.why === 'role_forbidden' ? 5 : 4);
      const { publisher } = admission;
      // Client ids are a key's own: nobody can take over the connection of another key.
      const clientId = `${publisher.key}/${client.id}`;
      Object.assign(client, { id: clientId });
      if (!connections.identified(client, publisher.key)) return refuse('too_many_connections', 3);
      senders.set(client, { publisher, clientId });
      (client.conn as BoundedConnection).identified();
      done(null, true);
    },
    authorizePublish: (client, packet, done) => {
      const sender = client === null ? undefined : senders.get(client);
      if (client === null || sender === undefined) return done(new Error('nobody published it'));
      const { topic, payload, qos, dup, messageId } = packet;
      if (topic.includes('\0')) return done(new Error('a topic has NUL'));
      inbox.take(sender, { topic, payload, qos, dup, messageId }, (outcome) => {
        if (outcome.kind !== 'untaken' || (qos === 0 && outcome.why !== 'key')) return done();
        metrics.ended(outcome.code);
        done(new Error(`not taken: ${outcome.code}`));
      });
    },
    authorizeSubscribe: (client, subscription, done) => {
      const sender = senders.get(client);
      const isAllowed = sender !== undefined && maySubscribe(sender.publisher, subscription.topic);
      done(null, isAllowed ? subscription : null);
    },
  });
  await broker.listen();
  broker.on('subscribe', (subscriptions, client) => {
    const key = senders.get(client)?.publisher.key;
    const wanted = key === undefined ? undefined : receiptsTopic(key);
    if (subscriptions.some(({ topic, qos }) => topic === wanted && (qos as number) !== 128)) {
      connections.listen(client, key!);
    }
  });
  broker.on('unsubscribe', (topics, client) => {
    const key = senders.get(client)?.publisher.key;
    if (key !== undefined && topics.includes(receiptsTopic(key))) connections.unlisten(client, key);
  });
  const failed = (client: Client, error: Error) => {
    logger.debug({ client: client.id, reason: error.message }, 'an MQTT connection was ended');
  };
  broker.on('clientError', failed).on('connectionError', failed);

  const endInvalid = () => {
    for (const client of connections.clients()) {
      const sender = senders.get(client);
      if (sender === undefined) continue;
      if (admit(registry, undefined, Buffer.from(sender.publisher.token), now()).ok) continue;
      metrics.ended('key_invalid');
      client.close();
    }
  };
  const stopWatching = registry.onChange(({ kind }) => {
    if (kind === 'key') endInvalid();
  });
  const expiryTimer = setInterval(endInvalid, expiryCheckMs).unref();

  const room = packetRoom(limits.waitingBytesMax);
  const take = (socket: Socket) => {
    const connection = new BoundedConnection(socket, limits, room);
    connections.opened(broker.handle(connection), connection);
  };
  const servers: Server[] = [];
  const close = async () => {
    clearInterval(expiryTimer);
    stopWatching();
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
    await new Promise<void>((resolve) => broker.close(resolve));
    connections.endAll();
    await Promise.all(closed);
  };
  try {
    const plain = await listening(createServer({ noDelay: true }, take), config, logger);
    if (plain !== undefined) servers.push(plain);
    const tls = await tlsServer(config, take);
    if (tls !== undefined) servers.push(tls);
    for (const server of servers) server.maxConnections = limits.connectionsMax;
    return {
      address: plain && addressOf(plain, 'mqtt'),
      tlsAddress: tls && addressOf(tls, 'mqtts'),
      connections,
      tell({ publisher: { key } }, topic, at, outcome) {
        const listeners = connections.listeners(key);
        if (listeners.size === 0) return;
        const payload = receiptText(topic, at, outcome);
        for (const client of listeners) {
          if (client.conn.writableLength > behindBytesMax) continue;
          client.publish(
            { cmd: 'publish', topic: receiptsTopic(key), payload, qos: 0, retain: false, dup: false },
            () => undefined,
          );
        }
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function packetRoom(bytesMax: number): PacketRoom {
  let taken = 0;
  return {
    take(bytes) {
      if (taken > 0 && taken + bytes > bytesMax) return false;
      taken += bytes;
      return true;
    },
    give(bytes) {
      taken -= bytes;
    },
  };
}

/** @returns undefined when nobody has set a port and something else has the usual one */
async function listening(server: Server, config: MqttConfig, logger: Logger): Promise<Server | undefined> {
  const { host, port = portByDefault } = config;
  try {
    return await listen(server, port, host);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' && config.port === undefined) {
      logger.warn(
        { host, port },
        'MQTT is not taken: something else has its port; set MQTT_PORT, or MQTT=off',
      );
      return undefined;
    }
    throw new ConfigError([
      {
        setting: `MQTT_PORT, MQTT_HOST`,
        problem: `${host}:${port} cannot be listened on (${message})`,
        remedy: 'Choose another MQTT_PORT, stop what listens there, or set MQTT=off.',
      },
    ]);
  }
}

async function tlsServer(
  { host, tls: { port, certificateFile, keyFile } }: MqttConfig,
  take: (socket: Socket) => void,
): Promise<Server | undefined> {
  if (certificateFile === undefined && keyFile === undefined) return undefined;
  const problem = (setting: string, what: string) =>
    new ConfigError([{ setting, problem: what, remedy: 'Name a certificate and its key, PEM, or neither.' }]);
  if (certificateFile === undefined) throw problem('MQTT_TLS_CERTIFICATE_FILE', 'is not set, the key is');
  if (keyFile === undefined) throw problem('MQTT_TLS_KEY_FILE', 'is not set, the certificate is');
  try {
    const [cert, key] = await Promise.all([readFile(certificateFile), readFile(keyFile)]);
    const server = createTlsServer({ cert, key }, take);
    // Who breaks off in the middle of the handshake is nobody's fault.
    server.on('tlsClientError', () => undefined);
    return await listen(server, port, host);
  } catch (error) {
    throw problem(
      'MQTT_TLS_CERTIFICATE_FILE, MQTT_TLS_KEY_FILE, MQTT_TLS_PORT',
      `TLS cannot be offered (${(error as Error).message})`,
    );
  }
}

function listen(server: Server, port: number, host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve(server);
    });
  });
}

function addressOf(server: Server, scheme: string): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

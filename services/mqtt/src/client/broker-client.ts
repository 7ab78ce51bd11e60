import type { Registry } from '@songma/registry';
import { ConfigError, type Logger } from '@songma/runtime';
import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt';
import { admit, receiptsTopic } from '../broker/access.ts';
import { receiptText } from '../broker/receipts.ts';
import type { MqttConfig } from '../config.ts';
import type { Inbox, Sender } from '../inbox.ts';
import type { MqttMetrics } from '../mqtt-metrics.ts';
import type { Outcome } from '../pushes/push-lanes.ts';

export interface BrokerClientDeps {
  readonly registry: Pick<Registry, 'get'>;
  readonly inbox: Inbox;
  readonly logger: Logger;
  readonly metrics: MqttMetrics;
  readonly now: () => number;
}

export interface BrokerClient {
  /** Whether it is connected and has its subscriptions; else why not. */
  readonly problem: string | undefined;
  tell(sender: Sender, topic: string, at: number, outcome: Outcome): void;
  close(): Promise<void>;
}

const reconnectMs = 1_000;
const connectMsMax = 30_000;
const keepAliveSeconds = 30;

/**
 * Takes messages from a broker in a shared subscription. Each is acknowledged by itself, when the log has it, and not in
 * the order of the library, which would wait for one before it looks at the next. What was not acknowledged comes again
 * from the broker, which keeps the session while nobody is connected.
 * @throws ConfigError when there is no key to push with
 */
export function startBrokerClient(deps: BrokerClientDeps, config: MqttConfig): BrokerClient {
  const { inbox, logger, metrics } = deps;
  const { url = '', username, password, clientId, share, topics } = config.client;
  if (config.client.token === undefined) throw keyMissing();
  let sender = senderOf(deps, config);
  const filters = topics.split(',').map((topic) => sharedTopic(topic.trim(), share));
  let problem: string | undefined = 'not connected yet';

  const client = mqtt.connect(url, {
    clientId,
    clean: false,
    protocolVersion: 4,
    keepalive: keepAliveSeconds,
    reconnectPeriod: reconnectMs,
    connectTimeout: connectMsMax,
    resubscribe: false,
    manualConnect: true,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });
  client.handleMessage = (packet: IPublishPacket, done) => {
    const { topic, payload, qos, dup, messageId } = packet;
    const { stream } = client;
    inbox.take(sender!, { topic, payload, qos, dup, messageId }, (outcome) => {
      if (outcome.kind === 'untaken') {
        // It comes again with the next connection.
        if (qos > 0 && client.stream === stream) stream.destroy();
      } else if (qos > 0 && client.stream === stream) {
        acknowledge(client, messageId!);
      }
    });
    // An error: the library does not acknowledge it then, and goes on.
    done(qos === 1 ? new Error('acknowledged when the log has it') : undefined);
  };
  // The key may be registered only after this service has begun.
  const begin = () => {
    sender ??= senderOf(deps, config);
    if (sender === undefined) problem = 'MQTT_KEY is no key in force that may push: of role admin or plant';
    else {
      clearInterval(beginning);
      client.connect();
    }
  };
  const beginning = setInterval(begin, reconnectMs);
  begin();
  client.on('connect', () => {
    client
      .subscribeAsync(filters, { qos: 1 })
      .then(() => {
        problem = undefined;
        logger.info({ url: shown(url), filters }, 'taking messages from the MQTT broker');
      })
      .catch((error: unknown) => {
        problem = `the broker refuses a subscription (${(error as Error).message})`;
        logger.error(
          { url: shown(url), filters, reason: (error as Error).message },
          'the MQTT broker refuses a subscription',
        );
      });
  });
  client.on('close', () => {
    problem ??= 'the connection was lost';
  });
  client.on('error', (error) => {
    problem = error.message;
    metrics.ended('broker');
    logger.warn({ url: shown(url), reason: error.message }, 'the MQTT broker cannot be used; trying again');
  });

  return {
    get problem() {
      return problem;
    },
    tell({ publisher: { key } }, topic, at, outcome) {
      if (client.connected) client.publish(receiptsTopic(key), receiptText(topic, at, outcome), { qos: 0 });
    },
    async close() {
      clearInterval(beginning);
      await client.endAsync();
    },
  };
}

/** QoS 1 by hand: the library has no other way to do it later. */
function acknowledge(client: MqttClient, messageId: number): void {
  client['_sendPacket']({ cmd: 'puback', messageId }, undefined, undefined, true);
}

function keyMissing(): ConfigError {
  const remedy = 'Make a key of role admin (or plant, for one plant) and set MQTT_KEY to its token.';
  return new ConfigError([{ setting: 'MQTT_KEY', problem: 'is not set, and MQTT_URL needs it', remedy }]);
}

/** @returns undefined while the key is not in force */
function senderOf({ registry, now }: BrokerClientDeps, { client }: MqttConfig): Sender | undefined {
  const admission = admit(registry, undefined, Buffer.from(client.token ?? ''), now());
  if (!admission.ok) return undefined;
  return { publisher: admission.publisher, clientId: `broker/${client.clientId}` };
}

function sharedTopic(topic: string, share: string): string {
  return share === 'none' || topic.startsWith('$share/') ? topic : `$share/${share}/${topic}`;
}

/** Without a password that may be in it. */
function shown(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

import type { Registry } from '@songma/registry';
import type { Logger, Metrics, ReadyCheck } from '@songma/runtime';
import type { Broker } from './broker/broker.ts';
import type { BrokerClient } from './client/broker-client.ts';
import type { MqttConfig } from './config.ts';
import { createInbox } from './inbox.ts';
import { createMqttMetrics } from './mqtt-metrics.ts';
import type { PushDoor } from './pushes/push-door.ts';
import { PushLanes } from './pushes/push-lanes.ts';

export { mqttSettings, type MqttConfig } from './config.ts';
export type { PushDoor } from './pushes/push-door.ts';

export interface MqttDeps {
  readonly registry: Pick<Registry, 'get' | 'onChange'>;
  readonly door: PushDoor;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface Mqtt {
  /** Where it listens as a broker, such as `mqtt://127.0.0.1:1883`; undefined where it does not. */
  readonly address: string | undefined;
  readonly tlsAddress: string | undefined;
  readonly checks: readonly ReadyCheck[];
  /** Rejects when something fails that nobody expects: end the process then. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/**
 * The MQTT door: a broker, or a client of the one that `MQTT_URL` names. What comes is acknowledged when the log has it,
 * and what is refused of it is acknowledged too, kept in quarantine and told.
 */
export async function startMqtt(deps: MqttDeps, config: MqttConfig): Promise<Mqtt> {
  const { registry, door, logger, now } = deps;
  const metrics = createMqttMetrics(deps.metrics);
  // The broker that messages are taken from has nowhere else to bring them.
  const waitMsMax = config.client.url === undefined ? config.limits.waitMsMax : Infinity;
  const lanes = new PushLanes({ door, logger, metrics }, { ...config.limits, waitMsMax });
  let broker: Broker | undefined;
  let client: BrokerClient | undefined;
  const inbox = createInbox({
    lanes,
    metrics,
    now,
    tell: (...what) => (broker ?? client)?.tell(...what),
  });
  metrics.watch({
    connections: () => broker?.connections.count ?? 0,
    waitingBytes: () => lanes.waitingBytes,
  });
  const parts = { registry, inbox, logger, metrics, now };
  if (config.switch === 'on' && config.client.url === undefined) {
    const { startBroker } = await import('./broker/broker.ts');
    broker = await startBroker(parts, config);
  } else if (config.switch === 'on') {
    const { startBrokerClient } = await import('./client/broker-client.ts');
    client = startBrokerClient(parts, config);
  }
  const check = async () => {
    if (client?.problem !== undefined) throw new Error(client.problem);
  };
  return {
    address: broker?.address,
    tlsAddress: broker?.tlsAddress,
    checks: client === undefined ? [] : [{ name: 'mqtt broker', check }],
    closed: lanes.failed,
    async close() {
      await (broker ?? client)?.close();
      await lanes.close();
    },
  };
}

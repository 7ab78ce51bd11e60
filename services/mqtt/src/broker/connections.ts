import type { Client } from 'aedes';
import type { MqttLimits } from '../config.ts';
import type { MqttMetrics } from '../mqtt-metrics.ts';
import type { BoundedConnection } from './bounded-connection.ts';

/** Who is connected, and who wants to hear of what is refused. */
export interface Connections {
  readonly count: number;
  /** A connection has come; nobody knows yet who it is. */
  opened(client: Client, connection: BoundedConnection): void;
  /** @returns whether the key may have one more */
  identified(client: Client, key: string): boolean;
  listen(client: Client, key: string): void;
  unlisten(client: Client, key: string): void;
  listeners(key: string): ReadonlySet<Client>;
  clients(): Iterable<Client>;
  endAll(): void;
}

const nobody: ReadonlySet<Client> = new Set();

export function createConnections(
  { connectionsMax, connectionsPerKeyMax }: Pick<MqttLimits, 'connectionsMax' | 'connectionsPerKeyMax'>,
  metrics: Pick<MqttMetrics, 'ended'>,
): Connections {
  const open = new Map<Client, BoundedConnection>();
  /** In the order in which they came. */
  const unidentified = new Map<Client, BoundedConnection>();
  const unidentifiedMax = Math.ceil(connectionsMax / 2);
  const byKey = new Map<string, Set<Client>>();
  const listening = new Map<string, Set<Client>>();

  const leave = (sets: Map<string, Set<Client>>, key: string, client: Client) => {
    const set = sets.get(key);
    set?.delete(client);
    if (set?.size === 0) sets.delete(key);
  };

  return {
    get count() {
      return open.size;
    },
    opened(client, connection) {
      open.set(client, connection);
      unidentified.set(client, connection);
      connection.once('close', () => {
        open.delete(client);
        unidentified.delete(client);
      });
      if (unidentified.size <= unidentifiedMax) return;
      metrics.ended('too_many_unidentified');
      const [[oldest, its] = []] = unidentified;
      unidentified.delete(oldest!);
      its!.destroy();
    },
    identified(client, key) {
      const ofKey = byKey.get(key) ?? new Set();
      if (ofKey.size >= connectionsPerKeyMax) return false;
      unidentified.delete(client);
      byKey.set(key, ofKey.add(client));
      open.get(client)?.once('close', () => {
        leave(byKey, key, client);
        leave(listening, key, client);
      });
      return true;
    },
    listen(client, key) {
      listening.set(key, (listening.get(key) ?? new Set()).add(client));
    },
    unlisten: (client, key) => leave(listening, key, client),
    listeners: (key) => listening.get(key) ?? nobody,
    clients: () => [...open.keys()],
    endAll() {
      for (const connection of open.values()) connection.destroy();
    },
  };
}

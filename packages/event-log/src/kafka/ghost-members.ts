import { retry } from '@songma/runtime';
import type { Kafka } from 'kafkajs';
import { toUnavailable } from './kafka-client.ts';
import { isGhost } from './reader-identity.ts';

/** What of kafkajs's inside is used here: its public face cannot make another member leave. */
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  findGroupCoordinator(group: { groupId: string }): Promise<Coordinator>;
}

interface Coordinator {
  describeGroups(request: { groupIds: string[] }): Promise<{
    groups: { members: { memberId: string; clientId: string }[] }[];
  }>;
  leaveGroup(member: { groupId: string; memberId: string }): Promise<unknown>;
}

/** A coordinator that has just come up loads its groups first. */
const leaveWithinMs = 5_000;

/**
 * Makes the members leave that a killed process, or this reader's lost connection, has left in the group. Otherwise
 * the first rebalance waits until their sessions run out, and nothing is read for that long.
 *
 * @param identity the name of the reader that is about to join
 * @returns how many have left
 * @throws UnavailableError when the group's coordinator is out of reach: it cannot be joined either
 */
export async function removeGhosts(client: Kafka, groupId: string, identity: string): Promise<number> {
  const cluster = createCluster(client);
  if (cluster === undefined) return 0;
  try {
    const coordinator = await findCoordinator(cluster, groupId);
    return await retry(() => leave(coordinator, groupId, identity), {
      deadlineMs: leaveWithinMs,
      firstDelayMs: 100,
      delayMaxMs: 500,
    });
  } finally {
    await cluster.disconnect();
  }
}

async function findCoordinator(cluster: Cluster, groupId: string): Promise<Coordinator> {
  try {
    await cluster.connect();
    return await cluster.findGroupCoordinator({ groupId });
  } catch (error) {
    throw toUnavailable(error, `the coordinator of ${groupId} is out of reach`);
  }
}

async function leave(coordinator: Coordinator, groupId: string, identity: string): Promise<number> {
  try {
    const { groups } = await coordinator.describeGroups({ groupIds: [groupId] });
    const ghosts = groups.flatMap(({ members }) => members).filter((m) => isGhost(m.clientId, identity));
    for (const { memberId } of ghosts) await coordinator.leaveGroup({ groupId, memberId });
    return ghosts.length;
  } catch (error) {
    throw toUnavailable(error, `the members of ${groupId} are not known`);
  }
}

function createCluster(client: Kafka): Cluster | undefined {
  const symbol = Object.getOwnPropertySymbols(client).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (symbol === undefined) return undefined;
  const create = (client as unknown as Record<symbol, (options: object) => Cluster>)[symbol];
  return create?.({ allowAutoTopicCreation: false });
}

import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { receiptsPrefix, type Publisher } from './broker/access.ts';
import type { MqttMetrics } from './mqtt-metrics.ts';
import type { Lane, Outcome, PushLanes } from './pushes/push-lanes.ts';
import { isBatchTopic, pushableOf } from './pushes/pushable.ts';
import type { Message, Pushable } from './pushes/message.ts';

/** A PUBLISH packet as far as it matters here. */
export interface Arrival {
  readonly topic: string;
  readonly payload: Buffer | string;
  readonly qos: number;
  readonly dup: boolean;
  readonly messageId?: number | undefined;
}

/** One connection that messages come by. */
export interface Sender {
  readonly publisher: Publisher;
  /** The same after it has connected anew. */
  readonly clientId: string;
}

export interface InboxDeps {
  readonly lanes: PushLanes;
  readonly metrics: MqttMetrics;
  readonly now: () => number;
  /** What was refused of a message is told with it. */
  readonly tell: (sender: Sender, topic: string, at: number, outcome: Outcome) => void;
}

/** Takes messages, by whatever way they have come. */
export interface Inbox {
  /** @param done called once: what became of the message; `untaken` ones are not to be acknowledged */
  take(sender: Sender, arrival: Arrival, done: (outcome: Outcome) => void): void;
}

/** Clients and messages of each whose arrival is remembered, for when they are sent again. */
const clientsMax = 10_000;
const messagesMax = 1_000;

const ignored: Outcome = { kind: 'taken', batch: '', rows: 0, refused: [] };

export function createInbox({ lanes, metrics, now, tell }: InboxDeps): Inbox {
  const arrivals = createArrivals(now);

  return {
    take(sender, arrival, done) {
      if (arrival.topic.startsWith(receiptsPrefix)) {
        metrics.message('ignored');
        done(ignored);
        return;
      }
      const payload = Buffer.isBuffer(arrival.payload) ? arrival.payload : Buffer.from(arrival.payload);
      const arrived = arrivals.of(sender.clientId, arrival, payload);
      const { at } = arrived;
      const message: Message = { topic: arrival.topic, payload, at };
      const { lane, pushable } = sorted(sender.publisher, message);
      const settle = (outcome: Outcome) => {
        metrics.message(outcome.kind);
        if (outcome.kind !== 'untaken') arrived.isAcknowledged = true;
        if (outcome.kind === 'refused' || (outcome.kind === 'taken' && outcome.refused.length > 0)) {
          tell(sender, arrival.topic, at, outcome);
        }
        done(outcome);
      };
      if (lanes.add(lane, pushable, settle)) return;
      const outcome: Outcome = { kind: 'untaken', why: 'late', code: 'overloaded' };
      metrics.message(arrival.qos === 0 ? 'dropped' : 'untaken');
      done(outcome);
    },
  };
}

/** With whose rights it is pushed: topics that name an enterprise are its own. */
function sorted(
  { token, enterprise }: Publisher,
  message: Message,
): { readonly lane: Lane; readonly pushable: Pushable } {
  const named = enterpriseIn(message.topic);
  if (enterprise === undefined) {
    return { lane: { token, enterprise: named }, pushable: pushableOf(message) };
  }
  if (named !== enterprise && isBatchTopic(message.topic) && isUtf8(message.payload)) {
    const { topic, at } = message;
    const line = JSON.stringify({
      topic,
      at,
      payload: message.payload.toString('utf8', 0, keptMax),
      problem: 'enterprise_forbidden',
    });
    return { lane: { token }, pushable: { lines: [line], marks: [] } };
  }
  return { lane: { token }, pushable: pushableOf(message) };
}

const keptMax = 4_096;

function enterpriseIn(topic: string): string | undefined {
  return topic.startsWith('songma/') ? topic.split('/', 2)[1] : undefined;
}

interface KnownArrival {
  readonly print: string;
  readonly at: number;
  /** It was acknowledged; the acknowledgement may have been lost. */
  isAcknowledged: boolean;
}

/**
 * When messages arrived. One that is sent again because its acknowledgement was lost or never came has the time of its
 * first arrival, as long as this process remembers it: so it is the same reading.
 */
function createArrivals(now: () => number) {
  const clients = new Map<string, Map<number, KnownArrival>>();
  return {
    of(
      clientId: string,
      { qos, dup, messageId, topic }: Arrival,
      payload: Buffer,
    ): Pick<KnownArrival, 'at' | 'isAcknowledged'> {
      const at = now();
      // A message that says its own time needs no other.
      if (qos === 0 || messageId === undefined || payload.includes('"time"'))
        return { at, isAcknowledged: false };
      const known = knownOf(clientId);
      const print = printOf(topic, payload);
      const before = known.get(messageId);
      if (before?.print === print && (dup || !before.isAcknowledged)) return before;
      const arrival = { print, at, isAcknowledged: false };
      known.delete(messageId);
      known.set(messageId, arrival);
      if (known.size > messagesMax) known.delete(known.keys().next().value!);
      return arrival;
    },
  };

  function knownOf(clientId: string): Map<number, KnownArrival> {
    let known = clients.get(clientId);
    if (known === undefined) {
      if (clients.size >= clientsMax) clients.delete(clients.keys().next().value!);
      known = new Map();
      clients.set(clientId, known);
    }
    return known;
  }
}

function printOf(topic: string, payload: Buffer): string {
  const isShort = payload.length <= 64;
  return `${topic} ${isShort ? payload.toString('latin1') : createHash('sha256').update(payload).digest('base64')}`;
}

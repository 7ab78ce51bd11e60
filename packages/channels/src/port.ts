import type { DeliveryCode } from './delivery-codes.ts';
import type { Notice } from './notice.ts';

/**
 * What became of one attempt:
 *
 * - `sent`: the other side has taken it; `ref` is what it is known by there;
 * - `later`: not now, whatever the reason; not before `afterMs` where the other side has named a time;
 * - `never`: it will not be taken as it is, however often it is tried.
 */
export type Delivery =
  | { readonly kind: 'sent'; readonly ref: string }
  | { readonly kind: 'later'; readonly code: DeliveryCode; readonly afterMs?: number }
  | { readonly kind: 'never'; readonly code: DeliveryCode };

/**
 * Hands notices over to people's mail boxes and gateways.
 *
 * Promises of every adapter, each held by a case of the same name in `test/conformance.ts`:
 * - what is answered as sent has arrived, whole, in the recipient's own words;
 * - the same notice sent again carries the same id, so that whoever receives it can tell;
 * - later notices of a case name its first one;
 * - an outage is answered with later, and a refusal with never: nothing is thrown;
 * - an attempt ends within its deadline, whatever the other side does;
 * - one dead address delays no other;
 * - nothing in a notice adds a header, a recipient or a line of the protocol.
 *
 * Not promised: that a person has read it; exactly once: a crash between the other side's answer and the note of it
 * sends again, under the same id. Nothing is repeated here: when to try again says `nextAttempt`.
 */
export interface Channel {
  /** One attempt. */
  send(notice: Notice): Promise<Delivery>;
  close(): Promise<void>;
}

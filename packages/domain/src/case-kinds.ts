import { alertKinds } from './alert.ts';

/**
 * What happened to the delivery, in arrival time: was so, and no late data undo it.
 *
 * - `site-silent`: nothing has arrived from a site for longer than its meters may be silent;
 * - `long-silence`: so long that a duty of notice may begin.
 */
export const deliveryKinds = ['site-silent', 'long-silence'] as const;
export type DeliveryKind = (typeof deliveryKinds)[number];

/** What a case can be about: the kinds of alerts, which are of the data, and those of the delivery. */
export const caseKinds = [...alertKinds, ...deliveryKinds] as const;
export type CaseKind = (typeof caseKinds)[number];

export function isDeliveryKind(kind: CaseKind): kind is DeliveryKind {
  return (deliveryKinds as readonly string[]).includes(kind);
}

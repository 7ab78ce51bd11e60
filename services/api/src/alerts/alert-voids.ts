import type { Alert, AlertAcknowledgement, LimitAveraging } from '@songma/domain';
import type { Registry } from '@songma/registry';
import { roleOfDeclarer, voidsKnownAt, type KnownVoid } from '../voids/declared-voids.ts';

/** The longest that one window lasts: what a void took away lay within one of them of what is left. */
const windowMs = {
  PT1H: 3_600_000,
  P1D: 25 * 3_600_000,
  P1M: 31 * 25 * 3_600_000,
} as const satisfies Record<LimitAveraging, number>;

/** What had been declared void of an alert's time when it was revised, of its meter or of what tells that its source runs. */
export function voidsOfAlert(alert: Alert, registry: Registry): KnownVoid[] {
  const { meter, source, since, knownUntil, averaging, changedAt } = alert;
  const signal = source === undefined ? undefined : registry.get('source', source)?.body.operating?.meter;
  const meters = signal === undefined || signal === meter ? [meter] : [meter, signal];
  const reach = windowMs[averaging];
  return voidsKnownAt(registry, meters, { from: since - reach, to: knownUntil + reach }, changedAt);
}

/**
 * The first void that a plant declared of what somebody had taken up already. Who is not known counts as a plant: that
 * is to be looked at rather than passed over.
 */
export function contestedBy(
  voids: readonly KnownVoid[],
  acknowledged: AlertAcknowledgement | undefined,
  registry: Registry,
): KnownVoid | undefined {
  if (acknowledged === undefined) return undefined;
  return voids.find(
    (declared) =>
      declared.at > acknowledged.at && ['plant', null].includes(roleOfDeclarer(registry, declared)),
  );
}

import type { Alert } from '@songma/domain';
import type { KeptAlert, SeriesStore } from '@songma/series-store';

/** Alerts of one chain at most, and revisions of them all. */
const chainAlertsMax = 50;
const revisionsMax = 2_000;

/**
 * The chain that an alert is of, as it was said at a time (epoch milliseconds): those that it replaced and those that
 * replaced it, and so on. The first one first: it names the case.
 */
export async function alertChain(
  store: Pick<SeriesStore, 'alerts'>,
  found: KeptAlert,
  asOf: number,
): Promise<readonly KeptAlert[]> {
  const chain = new Map([[found.alert.id, found]]);
  for (let near = neighboursOf(found.alert); near.length > 0 && chain.size < chainAlertsMax;) {
    const ids = near.filter((id) => !chain.has(id)).slice(0, chainAlertsMax - chain.size);
    if (ids.length === 0) break;
    const more = await store.alerts({ ids, asOf, limit: ids.length });
    for (const one of more) chain.set(one.alert.id, one);
    near = more.flatMap(({ alert }) => neighboursOf(alert));
  }
  return [...chain.values()].toSorted(
    (a, b) =>
      a.alert.raisedAt - b.alert.raisedAt ||
      a.alert.origin - b.alert.origin ||
      (a.alert.id < b.alert.id ? -1 : 1),
  );
}

function neighboursOf({ replaces = [], replacedBy }: Alert): string[] {
  return replacedBy === undefined ? [...replaces] : [...replaces, replacedBy];
}

/** Every revision of the alerts up to that time, in the order in which they were made. */
export async function revisionsOf(
  store: Pick<SeriesStore, 'alertHistory'>,
  chain: readonly KeptAlert[],
  asOf: number,
): Promise<readonly Alert[]> {
  const revisions: Alert[] = [];
  for (const { alert } of chain) {
    const limit = revisionsMax - revisions.length;
    if (limit <= 0) break;
    const history = await store.alertHistory({ alert: alert.id, afterRevision: 0, limit });
    revisions.push(...history.filter(({ changedAt }) => changedAt <= asOf));
  }
  return revisions.toSorted(
    (a, b) => a.changedAt - b.changedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : a.revision - b.revision),
  );
}

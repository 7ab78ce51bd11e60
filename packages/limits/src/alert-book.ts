import type { AlertStep } from '@songma/domain';

type Raised = Extract<AlertStep, { step: 'raised' }>;

/** An alert as its steps have left it. Times are epoch milliseconds. */
export interface AlertState extends Omit<Raised, 'step' | 'at' | 'alert'> {
  readonly id: string;
  readonly state: 'open' | 'acknowledged' | 'resolved' | 'voided';
  readonly raisedAt: number;
  /** End of the last window beyond the limit, as it was known when the alert was resolved. */
  readonly until: number | undefined;
  readonly resolvedAt: number | undefined;
  readonly voided: { readonly at: number; readonly reason: 'corrected' | 'limit-changed' } | undefined;
  readonly acknowledged: { readonly at: number; readonly by: string; readonly note?: string } | undefined;
}

/**
 * All alerts, folded from their steps. Steps may come again: the first of each step of an alert counts, and nothing
 * follows a voiding. Steps of one alert come in the order in which they were appended.
 */
export class AlertBook {
  readonly #alerts = new Map<string, AlertState>();
  readonly #ofLimit = new Map<string, string[]>();

  /** @returns the alert as it is now, or undefined when the step was known or came after its end */
  apply(step: AlertStep): AlertState | undefined {
    const before = this.#alerts.get(step.alert);
    const after = applied(before, step);
    if (after === undefined) return undefined;
    this.#alerts.set(after.id, after);
    if (before === undefined) {
      const ids = this.#ofLimit.get(after.limit);
      if (ids === undefined) this.#ofLimit.set(after.limit, [after.id]);
      else ids.push(after.id);
    }
    return after;
  }

  get(id: string): AlertState | undefined {
    return this.#alerts.get(id);
  }

  /** In the order in which they were raised. */
  all(): IterableIterator<AlertState> {
    return this.#alerts.values();
  }

  /** In the order in which they were raised; empty when there are none. */
  ofLimit(limit: string): AlertState[] {
    return (this.#ofLimit.get(limit) ?? []).map((id) => this.#alerts.get(id)!);
  }

  get size(): number {
    return this.#alerts.size;
  }
}

function applied(alert: AlertState | undefined, step: AlertStep): AlertState | undefined {
  if (step.step === 'raised') {
    if (alert !== undefined) return undefined;
    const { alert: id, at, step: _, ...facts } = step;
    const nothing = { until: undefined, resolvedAt: undefined, voided: undefined, acknowledged: undefined };
    return { ...facts, id, state: 'open', raisedAt: at, ...nothing };
  }
  // A step without its raising was appended by a sender that saw more than this reader keeps; nothing to show for it.
  if (alert === undefined || alert.voided !== undefined) return undefined;
  switch (step.step) {
    case 'resolved':
      if (alert.resolvedAt !== undefined) return undefined;
      return { ...alert, state: 'resolved', until: step.until, resolvedAt: step.at };
    case 'voided':
      return { ...alert, state: 'voided', voided: { at: step.at, reason: step.reason } };
    case 'acknowledged': {
      if (alert.acknowledged !== undefined) return undefined;
      const { at, by, note } = step;
      const acknowledged = { at, by, ...(note === undefined ? {} : { note }) };
      return { ...alert, state: alert.state === 'open' ? 'acknowledged' : alert.state, acknowledged };
    }
  }
}

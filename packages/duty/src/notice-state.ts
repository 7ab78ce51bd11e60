import type { NoticeItem, NoticeStep, PlannedNotice } from '@songma/domain';

/** A notice as it stands. */
export interface NoticeState {
  readonly id: string;
  readonly person: string;
  readonly channel: string;
  readonly purpose: string;
  readonly items: readonly NoticeItem[];
  readonly plannedAt: number;
  readonly state: 'planned' | 'sent' | 'failed' | 'dead' | 'withdrawn';
  /** When that came about. */
  readonly at: number;
  readonly attempts: number;
  readonly firstTriedAt: number | undefined;
  /** Of one that failed: when it is tried again. */
  readonly retryAt: number | undefined;
  readonly code: string | undefined;
  readonly ref: string | undefined;
  /** The notice whole, as long as it may have to be sent. */
  readonly planned: PlannedNotice | undefined;
}

/** A notice is over when it will not be sent any more. */
export function isOver({ state }: Pick<NoticeState, 'state'>): boolean {
  return state === 'sent' || state === 'dead' || state === 'withdrawn';
}

/**
 * A notice after one more of its steps; of a step that says nothing new the same. Once it is over it stays so: it has
 * been sent, whatever is said afterwards.
 */
export function foldNotice(before: NoticeState | undefined, step: NoticeStep): NoticeState | undefined {
  if (step.step === 'planned') {
    if (before !== undefined) return before;
    const { notice, person, channel, purpose, items, at } = step;
    const untried = {
      attempts: 0,
      firstTriedAt: undefined,
      retryAt: undefined,
      code: undefined,
      ref: undefined,
    };
    return {
      id: notice,
      person,
      channel,
      purpose,
      items,
      plannedAt: at,
      state: 'planned',
      at,
      ...untried,
      planned: step,
    };
  }
  if (before === undefined || isOver(before)) return before;
  const { at } = step;
  const firstTriedAt = before.firstTriedAt ?? at;
  switch (step.step) {
    case 'sent': {
      const attempts = before.attempts + 1;
      return {
        ...before,
        state: 'sent',
        at,
        attempts,
        firstTriedAt,
        retryAt: undefined,
        ref: step.ref,
        planned: undefined,
      };
    }
    case 'failed': {
      if (step.attempt <= before.attempts) return before;
      const { attempt: attempts, code, retryAt } = step;
      return { ...before, state: 'failed', at, attempts, firstTriedAt, retryAt, code };
    }
    case 'dead':
      return {
        ...before,
        state: 'dead',
        at,
        attempts: step.attempt,
        retryAt: undefined,
        code: step.code,
        planned: undefined,
      };
    case 'withdrawn':
      return { ...before, state: 'withdrawn', at, retryAt: undefined, planned: undefined };
  }
}

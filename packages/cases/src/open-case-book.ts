import {
  readAlertStep,
  readCaseStep,
  readNoticeStep,
  revisionOfEarlierStep,
  type AlertStep,
  type CaseStep,
  type NoticeStep,
} from '@songma/domain';
import type { EventLog, LogRecord, NewRecord } from '@songma/event-log';
import type { ReadyCheck } from '@songma/runtime';
import { CaseFacts, alertAcknowledgementPrefix } from './case-facts.ts';

/** What is said of cases, followed from the log, and the way to say more. */
export interface CaseBook {
  readonly facts: CaseFacts;
  /** Appends steps of cases; resolves when the log has them and they are folded here. @throws UnavailableError */
  append(steps: readonly CaseStep[]): Promise<void>;
  /** Appends steps of notices likewise. @throws UnavailableError */
  appendNotices(steps: readonly NoticeStep[]): Promise<void>;
  /** Calls `listener` with the cases that may have changed. Gives back how to stop that. */
  onChange(listener: (cases: ReadonlySet<string>) => void): () => void;
  readonly checks: readonly ReadyCheck[];
  /** Rejects when the log cannot be followed any more: end the process then. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Follows topics `alerts`, `cases` and `notices` from their beginning, and resolves when it has caught up with what the
 * log held at the call.
 */
export async function openCaseBook({ eventLog }: { readonly eventLog: EventLog }): Promise<CaseBook> {
  const facts = new CaseFacts();
  const listeners = new Set<(cases: ReadonlySet<string>) => void>();
  const tell = (changed: ReadonlySet<string>) => {
    if (changed.size > 0) for (const listener of listeners) listener(changed);
  };
  const follow = (topic: 'alerts' | 'cases' | 'notices', take: (value: unknown) => Set<string>) =>
    eventLog.follow({ topic }, async (records) => {
      const changed = new Set<string>();
      for (const record of records) for (const id of take(valueOf(record))) changed.add(id);
      tell(changed);
    });
  const followings = await Promise.all([
    follow('alerts', (value) => takeAlertStep(facts, readAlertStep(value))),
    follow('cases', (value) => {
      const step = readCaseStep(value);
      return step === undefined ? new Set() : facts.putStep(step);
    }),
    follow('notices', (value) => {
      const step = readNoticeStep(value);
      return step === undefined ? new Set() : facts.putNotice(step);
    }),
  ]);
  let stopped: Error | undefined;
  const closed = Promise.all(followings.map((one) => one.closed)).then(
    () => undefined,
    (error: unknown) => {
      stopped = error as Error;
      throw error;
    },
  );
  closed.catch(() => {});
  const close = async () => {
    for (const one of followings) await one.close();
  };
  try {
    await Promise.race([Promise.all(followings.map((one) => one.caughtUp)), closed]);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    facts,
    async append(steps) {
      if (steps.length === 0) return;
      await eventLog.append('cases', steps.map(caseRecord));
      const changed = new Set<string>();
      for (const step of steps) for (const id of facts.putStep(step)) changed.add(id);
      tell(changed);
    },
    async appendNotices(steps) {
      if (steps.length === 0) return;
      await eventLog.append('notices', steps.map(noticeRecord));
      const changed = new Set<string>();
      for (const step of steps) for (const id of facts.putNotice(step)) changed.add(id);
      tell(changed);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    checks: [
      {
        name: 'cases',
        async check() {
          if (stopped !== undefined) throw stopped;
        },
      },
    ],
    closed,
    close,
  };
}

function takeAlertStep(facts: CaseFacts, step: AlertStep | undefined): Set<string> {
  switch (step?.step) {
    case undefined:
      return new Set();
    case 'revised':
      return facts.putAlert(step.after);
    case 'acknowledged': {
      const { alert, at, by, note } = step;
      const id = `${alertAcknowledgementPrefix}${alert}/${at}/${by}`;
      const given = { step: 'acknowledged', id, case: alert, at, by, via: 'api' } as const;
      return facts.putStep(note === undefined ? given : { ...given, note });
    }
    case 'raised':
    case 'resolved':
    case 'voided': {
      const after = revisionOfEarlierStep(step, facts.alert(step.alert));
      return after === undefined ? new Set() : facts.putAlert(after);
    }
  }
}

function valueOf({ value }: LogRecord): unknown {
  return JSON.parse(decoder.decode(value));
}

function caseRecord(step: CaseStep): NewRecord {
  return recordOf(step.case, step.id, 'vn.songma.case-step.v1', step.at, step);
}

function noticeRecord(step: NoticeStep): NewRecord {
  const attempt = 'attempt' in step ? `/${step.attempt}` : '';
  return recordOf(
    step.notice,
    `${step.notice}/${step.step}${attempt}`,
    'vn.songma.notice-step.v1',
    step.at,
    step,
  );
}

function recordOf(key: string, id: string, type: string, at: number, value: unknown): NewRecord {
  return {
    key,
    value: encoder.encode(JSON.stringify(value)),
    headers: {
      ce_specversion: '1.0',
      ce_id: encodeURI(id),
      ce_source: '/desk',
      ce_type: type,
      ce_time: new Date(at).toISOString(),
      ce_subject: encodeURI(key),
    },
  };
}

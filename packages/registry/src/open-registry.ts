import { randomUUID } from 'node:crypto';
import { type ApiKey, entitySchemas, type RegistryCommand, registryCommandSchema } from '@songma/domain';
import type { EventLog, LogRecord, NewRecord } from '@songma/event-log';
import { type Logger, UnavailableError } from '@songma/runtime';
import { doorProblems } from './door-problems.ts';
import { lastAdministratorProblems } from './last-administrator.ts';
import type { Registry, Submission, SubmitResult } from './registry.ts';
import { RegistryFold } from './registry-fold.ts';
import type { RegistryChange } from './registry-view.ts';

export interface RegistryDeps {
  readonly eventLog: EventLog;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Longest wait for the fold to pass a command that the log has taken; 10 s unless told. */
  readonly decisionWaitMsMax?: number;
}

const DECISION_WAIT_MS_MAX = 10_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Folds the log's topic `registry`, one partition in its order, and resolves when it has caught up with what the log
 * held at the call.
 * @throws UnavailableError when the log cannot be read
 */
export async function openRegistry(deps: RegistryDeps): Promise<Registry> {
  const { eventLog, logger, now, decisionWaitMsMax = DECISION_WAIT_MS_MAX } = deps;
  const fold = new RegistryFold();
  const { entities } = fold;
  const listeners = new Set<(change: RegistryChange) => void>();
  const waiting = new Map<string, PromiseWithResolvers<SubmitResult>>();
  let nextOffset = 0;
  let stopped: Error | undefined;

  function take(record: LogRecord): void {
    // Delivered at least once: a command met again would be judged against what came after it.
    if (record.offset < nextOffset) return;
    nextOffset = record.offset + 1;
    const parsed: unknown = JSON.parse(decoder.decode(record.value));
    if (isOfUnknownKind(parsed)) {
      logger.warn(
        { offset: record.offset, kind: parsed.kind },
        'a fact of a kind that this build does not know is passed over',
      );
      return;
    }
    const command = registryCommandSchema.parse(parsed);
    const decision = fold.apply(command, record.offset);
    if (!decision.ok && decision.passedOver !== undefined) {
      const { kind, entity, by } = command;
      logger.warn(
        { kind, entity, by, offset: record.offset, problems: decision.passedOver },
        'a fact that an earlier build accepted is passed over: register it anew within the bounds',
      );
    }
    if (decision.ok) for (const listener of listeners) listener(decision.change);
    const result: SubmitResult = decision.ok ? { ok: true, version: decision.version } : decision;
    waiting.get(command.id)?.resolve(result);
  }

  function stop(error: Error): void {
    stopped = error;
    for (const { reject } of waiting.values()) reject(error);
  }

  async function decisionOn(command: RegistryCommand): Promise<SubmitResult> {
    const decided = Promise.withResolvers<SubmitResult>();
    waiting.set(command.id, decided);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const error = new UnavailableError(
        'registry_behind',
        `the registry's log was not read up to the command within ${decisionWaitMsMax} ms; it may still take effect`,
      );
      timer = setTimeout(() => reject(error), decisionWaitMsMax);
    });
    try {
      const appended = eventLog.append('registry', [recordOf(command)]);
      await Promise.race([decided.promise, appended, late]);
      return await Promise.race([decided.promise, late]);
    } finally {
      clearTimeout(timer);
      waiting.delete(command.id);
    }
  }

  async function submit(submission: Submission): Promise<SubmitResult> {
    if (stopped !== undefined) throw stopped;
    const { kind, entity, by, body } = submission;
    const command: RegistryCommand = {
      id: randomUUID(),
      kind,
      entity,
      expectedVersion: versionSeen(submission),
      body,
      by,
      at: now(),
    };
    const judgement = fold.judge(command);
    if (!judgement.ok && judgement.reason === 'conflict') return judgement;
    const problems = [
      ...(judgement.ok ? [] : judgement.problems),
      ...doorProblems(kind, body, entities),
      ...(kind === 'key' && judgement.ok
        ? lastAdministratorProblems(entities, entity, judgement.body as ApiKey | null, command.at)
        : []),
    ];
    if (!judgement.ok || problems.length > 0) return { ok: false, reason: 'invalid', problems };
    const result = await decisionOn({ ...command, body: judgement.body });
    logger.info({ kind, entity, by, command: command.id, result }, 'registry command decided');
    return result;
  }

  /** Who saw nothing where an entity was retired saw its last version: versions are never used twice. */
  function versionSeen({ kind, entity, expectedVersion }: Submission): number {
    const isGone = entities.get(kind, entity) === undefined;
    return isGone && expectedVersion === 0 ? (entities.last(kind, entity)?.version ?? 0) : expectedVersion;
  }

  const following = await eventLog.follow({ topic: 'registry' }, async (records) => records.forEach(take));
  const closed = following.closed.catch((error: unknown) => {
    stop(
      new UnavailableError('registry_stopped', 'the registry does not follow the log any more', {
        cause: error,
      }),
    );
    throw error;
  });
  try {
    await Promise.race([following.caughtUp, closed]);
  } catch (error) {
    await following.close();
    throw error;
  }
  logger.info({ commands: nextOffset }, 'registry caught up with the log');

  return {
    get: (kind, id) => entities.get(kind, id),
    getAsOf: (kind, id, at) => entities.getAsOf(kind, id, at),
    listAsOf: (kind, at) => entities.listAsOf(kind, at),
    isRetired: (kind, id) => entities.isRetired(kind, id),
    list: (kind) => entities.list(kind),
    meter: (id) => entities.meter(id),
    metersOfSite: (site) => entities.metersOfSite(site),
    sourcesOfSite: (site) => entities.sourcesOfSite(site),
    sitesOfEnterprise: (enterprise) => entities.sitesOfEnterprise(enterprise),
    limitsOfMeter: (meter) => entities.limitsOfMeter(meter),
    voidsOfMeter: (meter, asOf) => entities.voidsOfMeter(meter, asOf),
    stationMeters: (station, symbol) => entities.stationMeters(station, symbol),
    stationSite: (station) => entities.stationSite(station),
    submit,
    foldedTo: () => nextOffset,
    changesSince: (position) => entities.changesSince(position),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    checks: [
      {
        name: 'registry',
        async check() {
          if (stopped !== undefined) throw stopped;
        },
      },
    ],
    closed,
    async close() {
      await following.close();
      stop(new UnavailableError('registry_closed', 'the registry is closed'));
    },
  };
}

function isOfUnknownKind(command: unknown): command is { readonly kind: string } {
  const { kind } = (command ?? {}) as { readonly kind?: unknown };
  return typeof kind === 'string' && !Object.hasOwn(entitySchemas, kind);
}

function recordOf(command: RegistryCommand): NewRecord {
  const subject = `${command.kind}/${command.entity}`;
  return {
    key: subject,
    value: encoder.encode(JSON.stringify(command)),
    headers: {
      ce_specversion: '1.0',
      ce_id: command.id,
      ce_source: 'songma/registry',
      ce_type: 'vn.songma.registry.v1',
      ce_time: new Date(command.at).toISOString(),
      ce_subject: subject,
    },
  };
}

import { createHash, hash, randomUUID } from 'node:crypto';
import type { NumberConvention, Receipt } from '@songma/domain';
import type { EventLog } from '@songma/event-log';
import type { Registry } from '@songma/registry';
import { BlockColumns } from './block-columns.ts';
import type { IngestConfig } from './config.ts';
import { readingsRecord, refusedRecords, type RefusedForm } from './events.ts';
import type { Format, FormatSource } from './formats/format.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import type { MetersAtDoor } from './meters.ts';
import { problem } from './problems.ts';
import { idOf } from './projection/batch-filter.ts';
import type { Projection } from './projection/projection.ts';
import { PushDraft } from './push-draft.ts';
import { createQuarantineQuota } from './quarantine-quota.ts';
import { receiptRefusals } from './receipts.ts';
import type { Pusher } from './pusher.ts';
import type { PushSources, Sources } from './sources.ts';
import type { Work, WorkTurns } from './work-turns.ts';

/** One push as it came, unpacked. */
export interface Push {
  readonly pusher: Pusher;
  /** Absent: a random id is made. */
  readonly batch: string | undefined;
  readonly body: Buffer;
  readonly format: Format;
  /** Where the format needs one. */
  readonly fileName: string | undefined;
  /** Which mark is before decimals: declared with the push, or seen in the push that a replayed row was in. */
  readonly decimal: FormatSource['decimal'];
  /** What stamps of line protocol count. */
  readonly precision?: FormatSource['precision'];
}

export interface Accepted {
  readonly receipt: Receipt;
  /** The same push had been accepted before: nothing was done again. */
  readonly isReplay: boolean;
}

export interface DoorDeps {
  readonly eventLog: Pick<EventLog, 'append'>;
  readonly registry: Registry;
  readonly meters: MetersAtDoor;
  readonly sources: Sources;
  readonly projection: Pick<Projection, 'batch' | 'remember' | 'latestKnownUs' | 'quarantine'>;
  readonly metrics: IngestMetrics;
  readonly turns: WorkTurns;
  readonly now: () => number;
}

/** A push whose rows are checked. */
export interface CheckedPush {
  readonly draft: PushDraft;
  readonly form: RefusedForm;
  readonly numbers: NumberConvention | undefined;
}

const msPerMinute = 60_000;

/** Checks pushes and puts them into the log. */
export interface Door {
  /**
   * Resolves when the readings of the push are durable in the log, and its refused rows in quarantine. The same push
   * under the same batch id resolves with the first one's receipt, also while that is still under way.
   * @throws HttpProblem for a push that is refused as a whole
   * @throws UnavailableError when the log did not take it, or it is not known whether it did: send the same again
   */
  accept(push: Push): Promise<Accepted>;
  /**
   * Checks the rows of a push without taking them.
   * @param sources what values are, where not as registered
   * @throws HttpProblem
   */
  check(push: Push, sources?: PushSources): Promise<PushDraft>;
  /** The same, with how its numbers were read: what would become of the push. @throws HttpProblem */
  preview(push: Push): Promise<CheckedPush>;
}

/**
 * Concurrency: a small push is checked in one go, without waiting, a large one in turns with everything else; then its
 * refused rows are appended, then its blocks. Two pushes may be in the log in another order than they were checked: `knownUs` tells which is later.
 */
export function createDoor(deps: DoorDeps, config: IngestConfig): Door {
  const { eventLog, registry, meters, sources, projection, metrics, turns, now } = deps;
  const underWay = new Map<string, { contentHash: string; accepted: Promise<Receipt> }>();
  const oldest = Date.parse(config.oldestTime);
  let latestKnownUs = projection.latestKnownUs();
  const quota = createQuarantineQuota(
    config.limits.quarantineBytesPerDayMax,
    projection.quarantine.keptSince,
  );

  const nextKnownUs = (): number => {
    latestKnownUs = Math.max(Math.floor(now() * 1000), latestKnownUs + 1);
    return latestKnownUs;
  };

  async function read(push: Push, work: Work, pushSources = sources.of(push.pusher)): Promise<CheckedPush> {
    const { lineBytesMax, rowsMax } = config.limits;
    const draft = new PushDraft(meters, push.pusher, {
      latest: now() + config.futureToleranceMinutes * msPerMinute,
      oldest,
      futureToleranceMinutes: config.futureToleranceMinutes,
      rowsMax,
    });
    const { format, body, fileName = '', decimal, precision } = push;
    const source: FormatSource = {
      body: format.prepare === undefined ? body : await format.prepare(body, config.limits),
      fileName,
      decimal,
      precision,
      lineMax: lineBytesMax,
      registry,
      meters,
      sources: pushSources,
      receivedAt: now(),
    };
    const reading = format.read(source, draft);
    let step = reading.next();
    while (step.done !== true) {
      if (work.isTurnOver()) {
        draft.interrupt();
        await work.next();
      }
      step = reading.next();
    }
    const { context, numbers } = step.value;
    return { draft, form: rowForm(format, context, numbers), numbers };
  }

  /**
   * A push without an accepted row still has one block, so that its receipt is known: some site has to carry it.
   * @returns undefined when nothing is registered that could; the writer could do nothing with an unknown site
   */
  function siteFor(pusher: Pusher, draft: PushDraft): string | undefined {
    const named = draft.refused.find((row) => row.site !== undefined)?.site;
    if (named !== undefined) return named;
    const { isAdmin, enterprise = '', sites } = pusher;
    if (isAdmin) return registry.list('site')[0]?.id;
    return registry.sitesOfEnterprise(enterprise).find((site) => sites?.has(site.id) ?? true)?.id;
  }

  function blocksOf(pusher: Pusher, draft: PushDraft): readonly BlockColumns[] {
    if (draft.blocks.length > 0) return draft.blocks;
    const site = siteFor(pusher, draft);
    return site === undefined ? [] : [new BlockColumns(site, 0, meters.nextMark(), 0)];
  }

  async function append(push: Push, batch: string, contentHash: string): Promise<Receipt> {
    const { pusher } = push;
    const work = await turns.beginOn(push.body.length);
    const { draft, form, numbers } = await read(push, work);
    if (draft.rows === 0) throw problem('no_rows');
    if (work.isTurnOver()) await work.next();
    const kept = quota.take(pusher.key, draft.refused, now());
    const notKept = draft.refused.length - kept.length;
    const receipt: Receipt = {
      batch,
      apiKey: pusher.key,
      contentHash,
      receivedAt: now(),
      rows: draft.rows,
      accepted: draft.rows - draft.refused.length,
      refused: receiptRefusals(draft.refused),
      ...(notKept === 0 ? {} : { notKept }),
      ...(numbers === undefined ? {} : { numbers }),
    };
    if (work.isTurnOver()) await work.next();
    const blocks = blocksOf(pusher, draft);
    const observed = metrics.appending();
    for (const record of refusedRecords(kept, receipt, pusher, form)) {
      await eventLog.append('quarantine', [record]);
    }
    if (work.isTurnOver()) await work.next();
    // Made and appended without waiting in between: later ones are known later.
    const records = blocks.map((columns, part) => {
      const place = { batch, apiKey: pusher.key, knownUs: nextKnownUs(), part, parts: blocks.length };
      return readingsRecord(columns.toBlock(place), receipt);
    });
    if (records.length > 0) await eventLog.append('readings', records);
    observed();
    projection.remember(receipt);
    metrics.accepted(receipt);
    return receipt;
  }

  return {
    preview: async (push) => read(push, await turns.beginOn(push.body.length)),
    check: async (push, tried) => (await read(push, await turns.beginOn(push.body.length), tried)).draft,
    async accept(push) {
      const contentHash = contentHashOf(push);
      if (push.batch === undefined) {
        return { receipt: await append(push, randomUUID(), contentHash), isReplay: false };
      }
      const { batch } = push;
      const id = idOf(push.pusher.key, batch);
      const repeated = (known: { readonly contentHash: string }): void => {
        if (known.contentHash !== contentHash) throw problem('batch_reused', { batch });
        metrics.replayed();
      };
      const running = underWay.get(id);
      if (running !== undefined) {
        repeated(running);
        return { receipt: await running.accepted, isReplay: true };
      }
      const known = projection.batch(push.pusher.key, batch)?.receipt;
      if (known !== undefined) {
        repeated(known);
        return { receipt: known, isReplay: true };
      }
      const accepted = append(push, batch, contentHash);
      underWay.set(id, { contentHash, accepted });
      try {
        return { receipt: await accepted, isReplay: false };
      } finally {
        underWay.delete(id);
      }
    },
  };
}

function rowForm(
  format: Format,
  context: string | undefined,
  numbers: NumberConvention | undefined,
): RefusedForm {
  return {
    format: format.name,
    ...(context === undefined ? {} : { context }),
    ...(numbers === undefined || numbers.decimal === 'mixed' || numbers.by === 'assumed'
      ? {}
      : { decimal: numbers.decimal }),
  };
}

/** The same bytes with another declaration are another push. */
function contentHashOf({ body, decimal, precision }: Push): string {
  const declared = [
    ...(decimal?.isDeclared === true ? [`decimal=${decimal.mark}`] : []),
    ...(precision === undefined ? [] : [`precision=${precision}`]),
  ];
  if (declared.length === 0) return hash('sha256', body, 'hex');
  return createHash('sha256')
    .update(body)
    .update(`\0${declared.join('\0')}`)
    .digest('hex');
}

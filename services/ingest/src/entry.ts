import { HttpProblem, UnavailableError, type Bilingual } from '@songma/runtime';
import type { InFlight, RateLimit } from './admission.ts';
import { formatOf } from './body.ts';
import type { IngestLimits } from './config.ts';
import type { Door } from './door.ts';
import type { Format } from './formats/format.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import { problem } from './problems.ts';
import { narrowed, type Pushers } from './pusher.ts';
import { reasonOf } from './refusals.ts';

/** A push that another door of the same process has taken in. */
export interface EnteredPush {
  /** Of the API key that pushes. */
  readonly token: string;
  /** Batch id: the same one again with the same body adds nothing. */
  readonly batch: string;
  readonly contentType: string;
  /** Not packed. */
  readonly body: Buffer;
  /** Rows of this enterprise only, whatever else the key may push for. */
  readonly enterprise?: string;
}

/** The receipt of such a push; reasons in both languages, since nobody has said which one he reads. */
export interface EntryReceipt {
  readonly batch: string;
  readonly rows: number;
  readonly accepted: number;
  readonly refused: readonly { readonly row: number; readonly code: string; readonly reason: Bilingual }[];
}

/** The door for other doors of the same process: all that a push over HTTP meets, without HTTP. */
export interface Entry {
  /**
   * Resolves when the log has the push durably. One of which every row was refused has a receipt too.
   * @throws HttpProblem for a push that is refused as a whole, and what it is to be answered with
   * @throws UnavailableError when the log did not take it, or it is not known whether it did: push the same again
   */
  push(push: EnteredPush): Promise<EntryReceipt>;
}

export interface EntryDeps {
  readonly formats: readonly Format[];
  readonly door: Pick<Door, 'accept'>;
  readonly identify: Pushers['identify'];
  readonly rateLimit: RateLimit;
  readonly inFlight: InFlight;
  readonly metrics: IngestMetrics;
  readonly limits: IngestLimits;
}

export function createEntry(deps: EntryDeps): Entry {
  const { formats, door, identify, rateLimit, inFlight, metrics, limits } = deps;

  async function take({ token, batch, contentType, body, enterprise }: EnteredPush): Promise<EntryReceipt> {
    const pusher = narrowed(identify({ headers: { 'x-api-key': token } }), enterprise);
    rateLimit.take(pusher, performance.now());
    const format = formatOf(formats, contentType, undefined);
    if (format.needsFileName) {
      throw problem('file_name_missing', (language) => ({ format: format.title[language] }));
    }
    if (body.length > limits.bodyBytesMax) throw problem('body_too_large', { limit: limits.bodyBytesMax });
    const underWay = inFlight.enter(pusher, body.length);
    try {
      underWay.grow(body.length);
      metrics.received(body.length, body.length);
      const push = { pusher, batch, body, format, fileName: undefined, decimal: undefined };
      const { receipt } = await door.accept(push);
      return {
        batch,
        rows: receipt.rows,
        accepted: receipt.accepted,
        refused: receipt.refused.map(([row, code, parameters]) => ({
          row,
          code,
          reason: { en: reasonOf(code, parameters, 'en'), vi: reasonOf(code, parameters, 'vi') },
        })),
      };
    } finally {
      underWay.leave();
    }
  }

  return {
    async push(push) {
      try {
        return await take(push);
      } catch (error) {
        const isKnown = error instanceof HttpProblem || error instanceof UnavailableError;
        metrics.refused(isKnown ? error.code : 'other_problem');
        throw error;
      }
    },
  };
}

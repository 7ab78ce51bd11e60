import { HttpProblem, UnavailableError, type Bilingual, type Language } from '@songma/runtime';
import { Pool } from 'undici';
import { z } from 'zod';
import type { DoorPush, DoorReceipt, PushDoor } from './push-door.ts';

/** Connections to ingest, and how long an answer may take. */
const connectionsMax = 16;
const answerMsMax = 60_000;

const receiptSchema = z.looseObject({
  batch: z.string(),
  rows: z.int(),
  accepted: z.int(),
  refused: z.array(z.looseObject({ row: z.int(), code: z.string(), reason: z.string() })),
});
type Receipt = z.infer<typeof receiptSchema>;
const problemSchema = z.looseObject({ code: z.string().default('unknown'), detail: z.string().default('') });

type Answer =
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  | {
      readonly kind: 'problem';
      readonly status: number;
      readonly code: string;
      readonly detail: string;
      readonly retryAfterMs: number | undefined;
    };

/** Ingest in another process, by its HTTP door. */
export interface HttpPushDoor extends PushDoor {
  /** @throws UnavailableError when ingest does not answer */
  check(): Promise<void>;
  close(): Promise<void>;
}

export function createHttpPushDoor(url: string): HttpPushDoor {
  const pool = new Pool(url, {
    connections: connectionsMax,
    headersTimeout: answerMsMax,
    bodyTimeout: answerMsMax,
  });
  const unreachable = (cause: unknown) =>
    new UnavailableError('ingest_unreachable', `${url} does not answer`, { cause });

  async function ask(
    { token, batch, contentType, body, enterprise }: DoorPush,
    spoken: Language,
  ): Promise<Answer> {
    const query = enterprise === undefined ? '' : `?enterprise=${encodeURIComponent(enterprise)}`;
    const headers = {
      'x-api-key': token,
      'idempotency-key': batch,
      'content-type': contentType,
      'accept-language': spoken,
    };
    const {
      statusCode,
      headers: answered,
      text,
    } = await pool
      .request({ method: 'POST', path: `/v1/readings${query}`, headers, body })
      .then(async (response) => ({ ...response, text: await response.body.text() }))
      .catch((cause: unknown) => {
        throw unreachable(cause);
      });
    const answer = parsed(text);
    const receipt = receiptSchema.safeParse(answer);
    if (receipt.success) return { kind: 'receipt', receipt: receipt.data };
    const { code, detail } = problemSchema
      .catch({ code: 'unknown', detail: text.slice(0, 200) })
      .parse(answer);
    const seconds = Number(answered['retry-after']);
    const retryAfterMs =
      Number.isFinite(seconds) && answered['retry-after'] !== undefined ? seconds * 1000 : undefined;
    return { kind: 'problem', status: statusCode, code, detail, retryAfterMs };
  }

  return {
    async push(push) {
      const english = await ask(push, 'en');
      if (english.kind === 'receipt') {
        const { batch, rows, accepted, refused } = english.receipt;
        if (refused.length === 0) return { batch, rows, accepted, refused: [] };
        // The same push again has the same receipt, in the other language.
        const vietnamese = await ask(push, 'vi');
        return { batch, rows, accepted, refused: inBoth(refused, vietnamese) };
      }
      const { status, code, detail: en, retryAfterMs } = english;
      const waiting = retryAfterMs === undefined ? {} : { retryAfterMs };
      if (status === 429 || status === 408 || status >= 500) {
        throw new UnavailableError(code, `${url} answers ${status}: ${en}`, waiting);
      }
      // Nothing of it was taken, so that it may be asked once more.
      const vietnamese = await ask(push, 'vi');
      const vi = vietnamese.kind === 'problem' ? vietnamese.detail : en;
      throw new HttpProblem(status, code, { en, vi }, waiting);
    },
    async check() {
      const response = await pool.request({ method: 'GET', path: '/health/live' }).catch((cause: unknown) => {
        throw unreachable(cause);
      });
      await response.body.dump();
    },
    close: () => pool.destroy(),
  };
}

function inBoth(refused: Receipt['refused'], other: Answer): DoorReceipt['refused'] {
  const reasons = new Map(
    other.kind === 'receipt' ? other.receipt.refused.map(({ row, reason }) => [row, reason]) : [],
  );
  return refused.map(({ row, code, reason: en }) => {
    const reason: Bilingual = { en, vi: reasons.get(row) ?? en };
    return { row, code, reason };
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { nextAddress } from '../paging.ts';
import { problem } from '../problems.ts';
import type { Cells, Columns, RowStream } from './cells.ts';
import { inFormat, type AnswerForm } from './formats.ts';
import { notesOf } from './notes.ts';
import { keptMs, rangeOf, type SpooledAnswers } from './spooled-answers.ts';
import { written, type Surroundings } from './written.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Of the api: answers of which parts are asked for. */
    spooledAnswers?: SpooledAnswers;
  }
}

/** What is told of rows beside them. */
interface RowsAnswer extends Pick<Surroundings, 'head' | 'next'> {
  /** Lines about the rows for the notes of a workbook, known once they are written. */
  readonly notes?: Surroundings['notes'];
  /** A page is small: it is gathered, so that all but JSON can name the next one in the Link header. */
  readonly isPage: boolean;
}

/**
 * Answers with rows as they come, or with a page of them. Who asks for the length of what is streamed, or for a part of
 * it, gets it from a file into which it is written once.
 */
export async function sendRows<R extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  form: AnswerForm,
  rows: RowStream<R>,
  { head, next, notes, isPage }: RowsAnswer,
): Promise<FastifyReply> {
  inFormat(reply, form);
  const body = written(form, rows, {
    head,
    next,
    notes: () => notesOf(request, rows.columns, notes?.() ?? []),
  });
  if (!isPage) return sendStream(request, reply, body);
  const pieces = await Array.fromAsync(body, (piece) =>
    typeof piece === 'string' ? Buffer.from(piece) : piece,
  );
  const cursor = next();
  if (cursor !== null) reply.header('link', `<${nextAddress(request.url, cursor)}>; rel="next"`);
  return reply.send(Buffer.concat(pieces));
}

async function sendStream(
  request: FastifyRequest,
  reply: FastifyReply,
  body: AsyncGenerator<string | Uint8Array>,
): Promise<FastifyReply> {
  const { method, headers, server } = request;
  const spooled = server.spooledAnswers;
  const key = answerKey(request);
  const asksFirst = method === 'HEAD' || headers.range !== undefined;
  if (spooled === undefined || !(asksFirst || spooled.has(key))) return reply.send(Readable.from(body));
  const answer = await spooled.answer(key, body);
  // Of what is kept already nothing is read again.
  await body.return(undefined);
  if (answer === undefined) {
    if (method === 'HEAD') return reply.header('accept-ranges', 'none').send(Readable.from([]));
    throw problem('answer_too_large', {}, { retryAfterMs: keptMs });
  }
  reply.headers({ 'accept-ranges': 'bytes', etag: answer.etag });
  const range = rangeOf(headers.range, answer.length);
  if (range === 'unsatisfiable') {
    return reply.code(416).header('content-range', `bytes */${answer.length}`).send('');
  }
  // Compressed it would have another length than was told.
  if (asksFirst) headers['x-no-compression'] = 'length told';
  if (range !== undefined) {
    reply.code(206).header('content-range', `bytes ${range.from}-${range.to}/${answer.length}`);
  }
  const length = range === undefined ? answer.length : range.to - range.from + 1;
  reply.header('content-length', length);
  return reply.send(method === 'HEAD' ? Readable.from([]) : answer.read(range));
}

/** Who asks, and for what: the answer to one is nobody else's. */
function answerKey({ url, headers }: FastifyRequest): string {
  const { authorization = '', 'x-api-key': apiKey = '', accept = '' } = headers;
  return createHash('sha256')
    .update(JSON.stringify([url, authorization, apiKey, accept]))
    .digest('hex');
}

/** Answers with a page that is at hand. */
export function sendPage<R extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  form: AnswerForm,
  page: {
    readonly columns: Columns;
    readonly items: readonly R[];
    readonly cellsOf: (item: R) => Cells;
    readonly head: RowsAnswer['head'];
    readonly cursor: string | null;
  },
): Promise<FastifyReply> {
  const { columns, items, cellsOf, head, cursor } = page;
  const rows = { columns, cellsOf, batches: only(items) };
  return sendRows(request, reply, form, rows, { head, next: () => cursor, isPage: true });
}

/** Answers with `whole` as JSON, and with its items alone in the formats in which the rest has no place. */
export async function sendWhole<R extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  form: AnswerForm,
  whole: object,
  table: { readonly columns: Columns; readonly items: readonly R[]; readonly cellsOf: (item: R) => Cells },
): Promise<FastifyReply> {
  if (form.format === 'json') return inFormat(reply, form).send(whole);
  const { columns, items, cellsOf } = table;
  const rows = { columns, cellsOf, batches: only(items) };
  return sendRows(request, reply, form, rows, { head: {}, next: () => null, isPage: true });
}

async function* only<T>(batch: T): AsyncGenerator<T> {
  yield batch;
}

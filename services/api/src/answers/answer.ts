import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { nextAddress } from '../paging.ts';
import type { Cells, Columns, RowStream } from './cells.ts';
import { inFormat, type AnswerForm } from './formats.ts';
import { notesOf } from './notes.ts';
import { written, type Surroundings } from './written.ts';

/** What is told of rows beside them. */
interface RowsAnswer extends Pick<Surroundings, 'head' | 'next'> {
  /** Lines about the rows for the notes of a workbook, known once they are written. */
  readonly notes?: Surroundings['notes'];
  /** A page is small: it is gathered, so that all but JSON can name the next one in the Link header. */
  readonly isPage: boolean;
}

/**
 * Answers with rows as they come, or with a page of them. To HEAD a page tells its length; of what is streamed the
 * length is known to nobody, and nothing is read for it.
 */
export async function sendRows<R extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  form: AnswerForm,
  rows: RowStream<R>,
  { head, next, notes, isPage }: RowsAnswer,
): Promise<FastifyReply> {
  inFormat(reply, form);
  if (!isPage && request.method === 'HEAD') {
    await rows.batches.return?.();
    return reply.send(Readable.from([]));
  }
  const body = written(form, rows, {
    head,
    next,
    notes: () => notesOf(request, rows.columns, notes?.() ?? []),
  });
  if (!isPage) return reply.send(Readable.from(body));
  const pieces = await Array.fromAsync(body, (piece) =>
    typeof piece === 'string' ? Buffer.from(piece) : piece,
  );
  const cursor = next();
  if (cursor !== null) reply.header('link', `<${nextAddress(request.url, cursor)}>; rel="next"`);
  return reply.send(Buffer.concat(pieces));
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

import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { IngestLimits } from './config.ts';
import type { Format } from './formats/format.ts';
import { problem } from './problems.ts';
import { quoted } from './refusals.ts';

/** The Content-Type of a file whose type nobody tells: its name does. */
export const untypedFile = 'application/octet-stream';

/**
 * Which of the formats a Content-Type names, or the end of a file's name where the type is {@link untypedFile}.
 * @throws HttpProblem `media_type_unsupported`, `file_extension_unknown`
 */
export function formatOf(
  formats: readonly Format[],
  contentType: string | undefined,
  fileName: string | undefined,
): Format {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  if (type.trim() === untypedFile && fileName !== undefined) return formatOfFile(formats, fileName);
  const format = formats.find(({ mediaTypes }) => mediaTypes.includes(type.trim()));
  const charset = parameters.map((parameter) => parameter.trim()).find((text) => text.startsWith('charset='));
  if (
    format === undefined ||
    (charset !== undefined && !/^charset="?(utf-8|utf8|us-ascii)"?$/.test(charset))
  ) {
    throw problem('media_type_unsupported', {
      types: formats.flatMap(({ mediaTypes }) => mediaTypes).join(', '),
    });
  }
  return format;
}

function formatOfFile(formats: readonly Format[], fileName: string): Format {
  const name = fileName.toLowerCase();
  const format = formats.find(({ extensions }) => extensions.some((extension) => name.endsWith(extension)));
  if (format === undefined) {
    throw problem('file_extension_unknown', {
      file: quoted(fileName),
      extensions: formats.flatMap(({ extensions }) => extensions).join(', '),
    });
  }
  return format;
}

export type BodyEncoding = 'gzip' | 'identity';

/** @throws HttpProblem `content_encoding_unsupported` */
export function encodingOf(contentEncoding: string | undefined): BodyEncoding {
  const encoding = (contentEncoding ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return 'identity';
  if (encoding === 'gzip' || encoding === 'x-gzip') return 'gzip';
  throw problem('content_encoding_unsupported');
}

/** The file name in `?file=` or, failing that, in `Content-Disposition`; undefined where there is no usable one. */
export function fileNameOf(query: unknown, disposition: string | undefined): string | undefined {
  const name = query ?? dispositionName(disposition ?? '');
  // A query may name it twice.
  return typeof name === 'string' && name.trim() !== '' && name.length <= fileNameMax ? name : undefined;
}

const fileNameMax = 255;

function dispositionName(disposition: string): string | undefined {
  const extended = /filename\*\s*=\s*utf-8''([^;\s]+)/i.exec(disposition)?.[1];
  if (extended !== undefined) {
    try {
      return decodeURIComponent(extended);
    } catch {
      // Not what it says: the plain name may still be there.
    }
  }
  const plain = /filename\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(disposition);
  return plain?.[1] ?? plain?.[2];
}

const gunzipAsync = promisify(gunzip);

/** Small bodies are not judged by their ratio: a few equal rows pack very well. */
const ratioFreeBytes = 64 * 1024;

/**
 * The body as it was before packing.
 * @throws HttpProblem `gzip_damaged`, `unpacked_too_large`, `gzip_ratio_too_high`: unpacking stops at the limit
 */
export async function unpack(
  body: Buffer,
  encoding: BodyEncoding,
  limits: Pick<IngestLimits, 'unpackedBytesMax' | 'gzipRatioMax'>,
): Promise<Buffer> {
  const { unpackedBytesMax, gzipRatioMax } = limits;
  if (encoding === 'identity') {
    if (body.length > unpackedBytesMax) throw problem('unpacked_too_large', { limit: unpackedBytesMax });
    return body;
  }
  const byRatio = Math.max(body.length * gzipRatioMax, ratioFreeBytes);
  try {
    return await gunzipAsync(body, { maxOutputLength: Math.min(unpackedBytesMax, byRatio) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') {
      throw problem('gzip_damaged', {}, { cause: error });
    }
    throw byRatio < unpackedBytesMax
      ? problem('gzip_ratio_too_high', { limit: gzipRatioMax })
      : problem('unpacked_too_large', { limit: unpackedBytesMax });
  }
}

/** @throws HttpProblem `body_not_utf8` */
export function textOf(body: Buffer): string {
  if (!isUtf8(body)) throw problem('body_not_utf8');
  return body.toString('utf8');
}

import { STATUS_CODES } from 'node:http';
import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { UnavailableError } from './errors.ts';
import type { Bilingual, Language } from './language.ts';

/** One place of a request that cannot be used. */
export interface ProblemPlace {
  /** JSON pointer into the part of the request that `detail` names. */
  readonly path: string;
  readonly problem: string;
  /** The same in Vietnamese, where it has been said. */
  readonly vi?: string | undefined;
}

/** The body of an error answer (RFC 9457, `application/problem+json`). */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    /** Stable, snake_case: what programs tell problems apart by. */
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), problem: z.string() })).optional(),
    requestId: z.string(),
  })
  .meta({ title: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;

/**
 * The problems that a route may answer with, for the `response` of its schema: so they stand in the API's description.
 */
export function problemResponses<S extends number>(...statuses: readonly S[]): Record<S, ProblemResponse> {
  const response = (status: S): [S, ProblemResponse] => [
    status,
    {
      description: STATUS_CODES[status] ?? 'Problem',
      content: { 'application/problem+json': { schema: problemSchema } },
    },
  ];
  return Object.fromEntries(statuses.map(response)) as Record<S, ProblemResponse>;
}

interface ProblemResponse {
  readonly description: string;
  readonly content: { readonly 'application/problem+json': { readonly schema: typeof problemSchema } };
}

/** Refuses a request with a stable code and a text in the reader's language. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly code: string;
  readonly detail: Bilingual;
  readonly retryAfterMs?: number;
  readonly errors?: readonly ProblemPlace[];

  constructor(
    status: number,
    code: string,
    detail: Bilingual,
    options: { retryAfterMs?: number; errors?: readonly ProblemPlace[]; cause?: unknown } = {},
  ) {
    super(`${code}: ${detail.en}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = code;
    this.detail = detail;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
    if (options.errors !== undefined) this.errors = options.errors;
  }
}

/** Every problem that `createHttpApp` itself answers with; services add their own. */
export const commonProblems = {
  invalid_request: {
    status: 400,
    detail: {
      en: 'The request does not have the form that this address takes; see "errors".',
      vi: 'Yêu cầu không đúng dạng mà địa chỉ này nhận; xem "errors".',
    },
  },
  body_not_json: {
    status: 400,
    detail: { en: 'The body is not valid JSON.', vi: 'Nội dung gửi không phải JSON hợp lệ.' },
  },
  content_length_mismatch: {
    status: 400,
    detail: {
      en: 'The body is not as long as Content-Length says.',
      vi: 'Nội dung gửi không dài đúng như Content-Length.',
    },
  },
  bad_request: {
    status: 400,
    detail: { en: 'The request cannot be read.', vi: 'Không đọc được yêu cầu.' },
  },
  cross_site: {
    status: 403,
    detail: {
      en: 'A page of another site asked for this. Do it on a page of Songma.',
      vi: 'Yêu cầu này đến từ trang của nơi khác. Hãy làm việc đó trên trang của Songma.',
    },
  },
  not_found: {
    status: 404,
    detail: { en: 'There is nothing at this address.', vi: 'Không có gì ở địa chỉ này.' },
  },
  method_not_allowed: {
    status: 405,
    detail: {
      en: 'This address is not asked in this way: Allow lists the methods that it takes.',
      vi: 'Địa chỉ này không nhận phương thức đó: Allow liệt kê các phương thức được nhận.',
    },
  },
  request_timeout: {
    status: 408,
    detail: { en: 'The request took too long to arrive.', vi: 'Yêu cầu gửi đến quá chậm.' },
  },
  body_too_large: {
    status: 413,
    detail: { en: 'The body is larger than is taken here.', vi: 'Nội dung gửi lớn hơn mức được nhận.' },
  },
  address_too_long: {
    status: 414,
    detail: { en: 'A part of the address is too long.', vi: 'Một phần của địa chỉ quá dài.' },
  },
  media_type_unsupported: {
    status: 415,
    detail: {
      en: 'The Content-Type of the body is not taken here.',
      vi: 'Không nhận nội dung có Content-Type này.',
    },
  },
  too_many_failed_keys: {
    status: 429,
    detail: {
      en: 'Too many wrong keys came from this address. Mend the key, and wait as Retry-After says.',
      vi: 'Địa chỉ này đã gửi quá nhiều khóa sai. Hãy sửa khóa và chờ theo Retry-After.',
    },
  },
  headers_too_large: {
    status: 431,
    detail: { en: 'The headers of the request are too large.', vi: 'Phần header của yêu cầu quá lớn.' },
  },
  internal_error: {
    status: 500,
    detail: {
      en: 'This is our fault. Tell us the request id.',
      vi: 'Lỗi của hệ thống. Hãy báo cho chúng tôi mã yêu cầu (requestId).',
    },
  },
  unavailable: {
    status: 503,
    detail: {
      en: 'A part of the system does not answer now. Send the same request again after Retry-After seconds.',
      vi: 'Một phần hệ thống hiện không phản hồi. Hãy gửi lại đúng yêu cầu này sau số giây ghi ở Retry-After.',
    },
  },
} as const satisfies Record<string, { status: number; detail: Bilingual }>;
export type CommonProblemCode = keyof typeof commonProblems;

const retryAfterMsDefault = 5_000;

const codesOfFastify: Readonly<Record<string, CommonProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media_type_unsupported',
  FST_ERR_CTP_EMPTY_TYPE: 'media_type_unsupported',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'content_length_mismatch',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'body_not_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'body_not_json',
  FST_ERR_MAX_PARAM_LENGTH: 'address_too_long',
  FST_ERR_BAD_URL: 'bad_request',
  FST_ERR_NOT_FOUND: 'not_found',
};

/**
 * The problem that `error` is answered with. What nobody expected is `internal_error` and says nothing of its cause.
 */
export function problemOf(error: unknown, spoken: Language): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof UnavailableError) {
    const { status, detail } = commonProblems.unavailable;
    return new HttpProblem(status, error.code, detail, {
      cause: error,
      retryAfterMs: error.retryAfterMs ?? retryAfterMsDefault,
    });
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map((issue) => ({
      path: `/${error.validationContext ?? 'request'}${issue.instancePath === '/' ? '' : issue.instancePath}`,
      problem: wordsOf(issue, spoken),
    }));
    return commonProblem('invalid_request', { errors });
  }
  const { code = '', statusCode = 500 } = error as Partial<FastifyError>;
  const known = codesOfFastify[code];
  if (known !== undefined) return commonProblem(known);
  if (statusCode >= 400 && statusCode < 500) {
    return new HttpProblem(statusCode, 'bad_request', commonProblems.bad_request.detail, { cause: error });
  }
  return commonProblem('internal_error', { cause: error });
}

export function commonProblem(
  code: CommonProblemCode,
  options: ConstructorParameters<typeof HttpProblem>[3] = {},
): HttpProblem {
  return new HttpProblem(commonProblems[code].status, code, commonProblems[code].detail, options);
}

/** The answer's body. */
export function problemBody(problem: HttpProblem, spoken: Language, requestId: string): Problem {
  return {
    // The code tells problems apart, so the type needs no address of its own (RFC 9457, section 4.2.1).
    type: 'about:blank',
    title: STATUS_CODES[problem.status] ?? 'Error',
    status: problem.status,
    code: problem.code,
    detail: problem.detail[spoken],
    ...(problem.errors === undefined
      ? {}
      : { errors: problem.errors.map((place) => placeIn(place, spoken)) }),
    requestId,
  };
}

function placeIn({ path, problem, vi = problem }: ProblemPlace, spoken: Language) {
  return { path, problem: spoken === 'vi' ? vi : problem };
}

/** Whole seconds, at least one: what `Retry-After` takes. */
export function retryAfterSeconds(retryAfterMs: number): number {
  return Math.max(1, Math.ceil(retryAfterMs / 1000));
}

const vietnamese = z.locales.vi();
/** What a schema of ours adds to an issue of its own, so that it is told in both languages. */
const spokenSchema = z.object({ params: z.object({ vi: z.string() }) });

/** What a schema found, in the reader's language; a schema's own words in Vietnamese are its issue's `params.vi`. */
export function issueWords(issue: z.core.$ZodIssue, spoken: Language): string {
  const { code, message, ...rest } = issue;
  const { params, ...others } = rest as { readonly params?: Record<string, unknown> } & Record<
    string,
    unknown
  >;
  return wordsOf({ keyword: code, message, params: { ...others, params } }, spoken);
}

function wordsOf(
  issue: { keyword: string; message?: string; params: Record<string, unknown> },
  spoken: Language,
): string {
  const english = issue.message ?? 'invalid';
  if (spoken === 'en') return english;
  const own = spokenSchema.safeParse(issue.params);
  if (own.success) return own.data.params.vi;
  const words = vietnamese.localeError({ code: issue.keyword, ...issue.params, path: [] } as never);
  return (typeof words === 'string' ? words : words?.message) ?? english;
}

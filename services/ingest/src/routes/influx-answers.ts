import type { FastifyReply, FastifyRequest } from 'fastify';

/** Whose clients an address is for. */
export type InfluxVersion = 1 | 2;

/** How long a client of InfluxDB 1 is asked to wait with what it would throw away. */
const keptRetryAfterSeconds = 60;

/**
 * A problem in the form that InfluxDB's clients read, with a status by which they keep what has to be sent again:
 * those of version 1 throw away what any 4xx answers, those of version 2 what any but 401, 403, 413 and 429 does.
 */
export function influxAnswer(version: InfluxVersion) {
  return (
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: (error: null, payload?: unknown) => void,
  ): void => {
    if (typeof payload !== 'string' || !isProblem(reply)) return done(null, payload);
    const body = JSON.parse(payload) as Record<string, unknown>;
    const status = statusFor(version, reply.statusCode, request.headers['user-agent'] ?? '');
    if (status !== reply.statusCode && reply.getHeader('retry-after') === undefined) {
      void reply.header('retry-after', keptRetryAfterSeconds);
    }
    void reply.code(status).type('application/json; charset=utf-8');
    const { detail } = body;
    done(null, JSON.stringify({ ...body, status, message: detail, error: detail }));
  };
}

function isProblem(reply: FastifyReply): boolean {
  return String(reply.getHeader('content-type') ?? '').startsWith('application/problem+json');
}

function statusFor(version: InfluxVersion, status: number, userAgent: string): number {
  if (status === 408) return 503;
  if (version === 2) return status;
  if (status === 429) return 503;
  // Whoever is asked for a key shows it to his people; Telegraf goes on and loses what it gathers meanwhile.
  return (status === 401 || status === 403) && /^telegraf\b/i.test(userAgent) ? 503 : status;
}

import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { HttpProblem, UnavailableError } from '@songma/runtime';
import type { InFlight, PushInFlight, RateLimit } from './admission.ts';
import type { BodyReader } from './body-reader.ts';
import { encodingOf, unpack, type BodyEncoding } from './body.ts';
import type { IngestLimits } from './config.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import { problem } from './problems.ts';
import type { Pusher } from './pusher.ts';

export interface EnvelopeDeps {
  readonly identify: (request: FastifyRequest) => Pusher;
  readonly rateLimit: RateLimit;
  readonly inFlight: InFlight;
  readonly bodies: BodyReader;
  readonly metrics: IngestMetrics;
  readonly limits: IngestLimits;
}

interface Envelope<A> {
  readonly addressed: A;
  readonly encoding: BodyEncoding;
  readonly inFlight: PushInFlight;
  /** The body is there: from now on the push is under way until it is answered, whether or not anybody listens. */
  isHandled: boolean;
}

/** A refused body up to this size is read and thrown away, so that the connection can be used again. */
const drainedBytesMax = 64 * 1024;

export interface Envelopes<A> {
  /** Belong to the options of each route of the scope that takes pushes. */
  readonly hooks: Pick<RouteOptions, 'onRequest' | 'onError'>;
  /** Gives the body of a request, unpacked, to `work`; until that is over the push is under way. */
  use<T>(request: FastifyRequest, work: (body: Buffer, addressed: A) => Promise<T>): Promise<T>;
}

/**
 * Lets pushes into the routes of a scope: who pushes, what and whether there is room is settled before their bodies are
 * read, as raw bytes.
 * @param address what the request says of the push beside its body. @throws HttpProblem
 */
export function createEnvelopes<A>(
  app: FastifyInstance,
  { identify, rateLimit, inFlight, bodies, metrics, limits }: EnvelopeDeps,
  address: (request: FastifyRequest, pusher: Pusher) => A,
): Envelopes<A> {
  const envelopes = new WeakMap<FastifyRequest, Envelope<A>>();

  function open(request: FastifyRequest): Envelope<A> {
    const { headers } = request;
    const pusher = identify(request);
    rateLimit.take(pusher, performance.now());
    const addressed = address(request, pusher);
    const encoding = encodingOf(headers['content-encoding']);
    const declared = declaredBytes(headers, limits.bodyBytesMax);
    if (declared > limits.bodyBytesMax) throw problem('body_too_large', { limit: limits.bodyBytesMax });
    return { addressed, encoding, inFlight: inFlight.enter(pusher, declared), isHandled: false };
  }

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) =>
    bodies.read(payload, envelopes.get(request)!.inFlight),
  );

  return {
    hooks: {
      onRequest: (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => {
        try {
          const envelope = open(request);
          envelopes.set(request, envelope);
          // Also when the client breaks off in the middle of its body, and there is no response that could end.
          reply.raw.once('close', () => {
            if (!envelope.isHandled) envelope.inFlight.leave();
          });
          done();
        } catch (error) {
          if (declaredBytes(request.headers, Infinity) > drainedBytesMax)
            void reply.header('connection', 'close');
          done(error as Error);
        }
      },
      onError: async (request: FastifyRequest, reply: FastifyReply, error: Error) => {
        // What is left of the body is not waited for.
        if (!request.raw.complete) void reply.header('connection', 'close');
        metrics.refused(
          error instanceof HttpProblem || error instanceof UnavailableError ? error.code : 'other_problem',
        );
      },
    },
    async use(request, work) {
      const envelope = envelopes.get(request)!;
      envelope.isHandled = true;
      const sent = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      try {
        const body = await unpack(sent, envelope.encoding, limits);
        if (body.length > sent.length) envelope.inFlight.grow(body.length - sent.length);
        metrics.received(sent.length, body.length);
        return await work(body, envelope.addressed);
      } finally {
        envelope.inFlight.leave();
      }
    },
  };
}

/** What Content-Length says; `unknown` for a body whose length is not told before. */
function declaredBytes(headers: FastifyRequest['headers'], unknown: number): number {
  const length = headers['content-length'];
  if (length !== undefined) return Number(length);
  return headers['transfer-encoding'] === undefined ? 0 : unknown;
}

import { isIPv6 } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { commonProblem, type HttpProblem } from './problem.ts';

export interface FailedCredentialsLimits {
  /** Failures of one address that are answered at once; as many are forgiven a minute. */
  readonly perMinuteMax: number;
  /** Addresses that are remembered; the one that failed longest ago goes first. */
  readonly addressesMax: number;
  /** Credentials that are remembered as good. */
  readonly knownMax: number;
}

const addressesMax = 10_000;
const knownMax = 10_000;
const minuteMs = 60_000;

interface Failures {
  /** How many are not forgiven yet, at `at` in milliseconds of the clock. */
  count: number;
  at: number;
}

/**
 * Who failed to say who he is, by address, and for how long he waits.
 *
 * A credential that has been good before is let through meanwhile: behind one address may stand a whole plant, of
 * which one machine has a wrong key. Others are not even looked at, so that nothing is learnt by guessing on.
 */
export class FailedCredentials {
  readonly #limits: FailedCredentialsLimits;
  readonly #now: () => number;
  readonly #failures = new Map<string, Failures>();
  readonly #known = new Set<string>();

  /** @param now milliseconds of a clock that never goes back */
  constructor(limits: FailedCredentialsLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** How long this credential is not looked at, in milliseconds; 0: at once. */
  waitMs(address: string, credential: string): number {
    // Nearly always nobody has failed.
    if (this.#failures.size === 0 || this.#known.has(credential)) return 0;
    const failures = this.#failures.get(networkOf(address));
    if (failures === undefined) return 0;
    const excess = this.#countNow(failures) - this.#limits.perMinuteMax + 1;
    return excess <= 0 ? 0 : Math.ceil(excess * this.#forgivenEveryMs);
  }

  /** @returns failures of the address that are not forgiven yet, this one among them */
  fail(address: string, credential: string): number {
    this.#known.delete(credential);
    const network = networkOf(address);
    const former = this.#failures.get(network);
    const count = Math.min(
      (former === undefined ? 0 : this.#countNow(former)) + 1,
      this.#limits.perMinuteMax,
    );
    // Put at the end: the map is in the order of the last failures.
    this.#failures.delete(network);
    this.#failures.set(network, { count, at: this.#now() });
    if (this.#failures.size > this.#limits.addressesMax) {
      this.#failures.delete(this.#failures.keys().next().value!);
    }
    return count;
  }

  accept(credential: string): void {
    if (this.#known.has(credential)) return;
    if (this.#known.size >= this.#limits.knownMax) this.#known.clear();
    this.#known.add(credential);
  }

  get #forgivenEveryMs(): number {
    return minuteMs / this.#limits.perMinuteMax;
  }

  #countNow({ count, at }: Failures): number {
    return Math.max(0, count - (this.#now() - at) / this.#forgivenEveryMs);
  }
}

export interface CredentialGuardOptions {
  /** Failures of one address that are answered at once, and forgiven a minute. */
  readonly perMinuteMax: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Has every door remember by address which credentials it answered with 401: they are logged, and beyond the bound
 * the next ones of the address wait (429). What is no credential of a header is not looked at.
 */
export function guardCredentials(app: FastifyInstance, options: CredentialGuardOptions): void {
  const { perMinuteMax, logger, metrics } = options;
  const failed = metrics.counter(
    'http_failed_credentials_total',
    'Requests with a credential that is not good',
  );
  const guard = new FailedCredentials({ perMinuteMax, addressesMax, knownMax }, () => performance.now());
  app.addHook('onRequest', (request, _reply, done) => {
    const credential = credentialOf(request);
    const waitMs = credential === undefined ? 0 : guard.waitMs(request.ip, credential);
    done(waitMs === 0 ? undefined : slowed(waitMs));
  });
  app.addHook('onResponse', (request, reply, done) => {
    const credential = credentialOf(request);
    if (credential !== undefined) {
      if (reply.statusCode < 400) guard.accept(credential);
      if (reply.statusCode === 401) {
        failed.inc();
        const failures = guard.fail(request.ip, credential);
        const seen = { address: request.ip, method: request.method, route: request.routeOptions.url };
        const whose = { claims: nameOf(credential), ...seen };
        // The first one, and the one from which on the address waits: a flood of them would be a flood of lines.
        if (failures <= 1) logger.warn(whose, 'a credential was refused');
        else if (failures > perMinuteMax - 1)
          logger.warn(whose, 'credentials are refused again and again: slowed');
      }
    }
    done();
  });
}

/** Whose a credential of the form `name_secret` claims to be; nothing of any other one is told. */
function nameOf(credential: string): string | undefined {
  return /^(?:\S+ )?(\S{1,80})_[0-9a-f]{40}$/.exec(credential)?.[1];
}

function slowed(retryAfterMs: number): HttpProblem {
  return commonProblem('too_many_failed_keys', { retryAfterMs });
}

function credentialOf({ headers }: FastifyRequest): string | undefined {
  const key = headers.authorization ?? headers['x-api-key'];
  return typeof key === 'string' && key !== '' ? key : undefined;
}

/** The address, or the /64 of one of IPv6: a machine has a whole one to choose from. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.toLowerCase().split('%', 1)[0]!.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const behind = tail === '' ? [] : tail.split(':');
    while (groups.length + behind.length < 8) groups.push('0');
    groups.push(...behind);
  }
  const network = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${network.join(':')}::/64`;
}

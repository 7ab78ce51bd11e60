import type { FastifyRequest } from 'fastify';
import { problem } from '../problems.ts';
import { quoted } from '../refusals.ts';
import type { Pusher, Pushers } from '../pusher.ts';

/**
 * Who writes, by any of the ways that InfluxDB's clients know: `Authorization: Token …`, `Bearer …` or `Basic …`, where the
 * password is the key and the name is not looked at, or `u` and `p` in the address. The key stands in the headers
 * afterwards as it does for other doors.
 * @throws HttpProblem 401 or 403
 */
export function identifyInfluxClient(request: FastifyRequest, identify: Pushers['identify']): Pusher {
  const key = keyOf(request);
  if (key !== undefined) {
    delete request.headers.authorization;
    request.headers['x-api-key'] = key;
  }
  return identify(request);
}

/** @returns undefined where other doors would find it */
function keyOf({ headers, query }: FastifyRequest): string | undefined {
  const { authorization } = headers;
  if (authorization === undefined || authorization === '') {
    const { p } = query as { readonly p?: unknown };
    return typeof p === 'string' && p !== '' ? p : undefined;
  }
  const [, scheme = '', given = ''] = /^(\S+)\s+(.*)$/.exec(authorization.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return undefined;
    case 'token':
      // Clients of InfluxDB 1 that speak to 2 send `Token name:password`.
      return given.slice(given.lastIndexOf(':') + 1);
    case 'basic': {
      const pair = Buffer.from(given, 'base64').toString('utf8');
      return pair.slice(pair.indexOf(':') + 1);
    }
    default:
      throw problem('key_scheme_unknown', { scheme: quoted(scheme) });
  }
}

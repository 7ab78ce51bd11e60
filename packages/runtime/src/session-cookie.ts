import type { FastifyInstance, FastifyRequest } from 'fastify';
import { commonProblem } from './problem.ts';

/** The cookie that holds the credential of a browser's session. */
export const sessionCookieName = 'songma_session';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
const cookiePattern = new RegExp(`(?:^|;\\s*)${sessionCookieName}=([^;\\s]{1,200})`);

/**
 * Takes the credential of a browser's session for the one of the Authorization header, where there is none: routes know
 * one way only. What changes something is taken from a page of the own origin only: another site's page may make a
 * browser send a request, and cannot make it say that the request is of this one.
 */
export function takeSessionCookies(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    const token = sessionOf(request);
    if (token === undefined || headers.authorization !== undefined || headers['x-api-key'] !== undefined)
      return done();
    if (!safeMethods.has(request.method) && !isOfOwnOrigin(request)) return done(commonProblem('cross_site'));
    headers.authorization = `Bearer ${token}`;
    done();
  });
}

/** The credential in the session's cookie, if there is one. */
export function sessionOf(request: FastifyRequest): string | undefined {
  return cookiePattern.exec(request.raw.headers.cookie ?? '')?.[1];
}

/** Whether the browser says that a page of the own origin asks. */
export function isOfOwnOrigin({ raw: { headers } }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/** The value of Set-Cookie that begins a session, or ends it with an empty token. */
export function sessionCookie(request: FastifyRequest, token: string, maxAgeMs: number): string {
  // A proxy may speak HTTPS for this door: the page tells by its origin what the browser speaks.
  const isSecure = request.protocol === 'https' || request.headers.origin?.startsWith('https:') === true;
  const age = token === '' ? 0 : Math.floor(maxAgeMs / 1000);
  return `${sessionCookieName}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${age}${isSecure ? '; Secure' : ''}`;
}

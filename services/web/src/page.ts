import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';

const publicDir = join(import.meta.dirname, '..', 'public');
const uplotDir = dirname(fileURLToPath(import.meta.resolve('uplot/dist/uPlot.esm.js')));
const uplotFiles = new Set(['/uPlot.esm.js', '/uPlot.min.css']);

/** Everything comes from here, and nothing is inline: no script, no style. */
const headers = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; object-src 'none'; form-action 'none'; frame-ancestors 'none'; " +
    "base-uri 'none'",
  // Asked for each time and mostly answered with 304: a new version shows at once.
  'cache-control': 'no-cache',
};

/** The page at `/` with what it needs. It asks the api of its own origin. */
export const webPlugin: FastifyPluginAsync = async (app) => {
  const options = {
    cacheControl: false,
    setHeaders: (reply: FastifyReply) => void reply.headers(headers),
  } as const;
  await app.register(fastifyStatic, { ...options, root: publicDir, prefix: '/' });
  await app.register(fastifyStatic, {
    ...options,
    root: uplotDir,
    prefix: '/vendor/uplot/',
    allowedPath: (path) => uplotFiles.has(path),
    decorateReply: false,
  });
};

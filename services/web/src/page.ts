import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { builtPage } from './page-build.ts';
import { screenPaths } from './screen-paths.ts';

/** Everything comes from here, and nothing is inline: no script, no style. */
const headers = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; form-action 'none'; " +
    "frame-ancestors 'none'; base-uri 'none'",
  // Asked for each time and mostly answered with 304: a new version shows at once.
  'cache-control': 'no-cache',
};
/** The name of such a file tells its content. */
const namedByContent = /\/assets\/[^/]+-[\w-]{8}\.\w+(\.gz)?$/;
const unchanging = 'public, max-age=31536000, immutable';

/** The page: one document at the address of each screen, with what it needs. It asks the api of its own origin. */
export const webPlugin: FastifyPluginAsync = async (app) => {
  const root = await builtPage();
  await app.register(fastifyStatic, {
    root,
    prefix: '/',
    cacheControl: false,
    preCompressed: true,
    allowedPath: (path) => !path.endsWith('manifest.json'),
    setHeaders: (reply: FastifyReply, path: string) => {
      void reply.headers(headers);
      if (namedByContent.test(path)) void reply.header('cache-control', unchanging);
    },
  });
  for (const path of Object.values(screenPaths)) {
    if (path !== '/')
      app.get(path, { schema: { hide: true } }, (_request, reply) => reply.sendFile('index.html'));
  }
};

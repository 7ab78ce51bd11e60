import { UsageError } from './usage-error.ts';

/** Where Songma listens: what is told, else SONGMA_URL, else this machine at PORT, as `pnpm start` reads it. */
export function addressOf(
  told: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const fromEnv = env['SONGMA_URL'] === '' ? undefined : env['SONGMA_URL'];
  const given = told ?? fromEnv;
  if (given === undefined) {
    const port = env['PORT'] ?? '8080';
    if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
      throw new UsageError(`PORT=${port} is no port: use a number from 1 to 65535, or --url`);
    }
    return `http://127.0.0.1:${port}`;
  }
  const source = told === undefined ? 'SONGMA_URL' : '--url';
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(given)) {
    throw new UsageError(`${source} "${given}" has no scheme: write http://${given.replace(/^\/+/, '')}`);
  }
  if (!URL.canParse(given))
    throw new UsageError(`${source} "${given}" is no address such as http://127.0.0.1:8080`);
  const { protocol, origin, pathname, search } = new URL(given);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new UsageError(`${source} "${given}": the scheme has to be http or https`);
  }
  if (pathname !== '/' || search !== '') {
    throw new UsageError(`${source} "${given}": leave out what follows the host: ${origin}`);
  }
  return origin;
}

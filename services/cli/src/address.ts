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
      throw new UsageError({
        en: `PORT=${port} is no port: use a number from 1 to 65535, or --url`,
        vi: `PORT=${port} không phải số cổng: hãy dùng số từ 1 đến 65535, hoặc --url`,
      });
    }
    return `http://127.0.0.1:${port}`;
  }
  const source = told === undefined ? 'SONGMA_URL' : '--url';
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(given)) {
    const mended = `http://${given.replace(/^\/+/, '')}`;
    throw new UsageError({
      en: `${source} "${given}" has no scheme: write ${mended}`,
      vi: `${source} "${given}" thiếu giao thức: hãy viết ${mended}`,
    });
  }
  if (!URL.canParse(given))
    throw new UsageError({
      en: `${source} "${given}" is no address such as http://127.0.0.1:8080`,
      vi: `${source} "${given}" không phải địa chỉ như http://127.0.0.1:8080`,
    });
  const { protocol, origin, pathname, search } = new URL(given);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new UsageError({
      en: `${source} "${given}": the scheme has to be http or https`,
      vi: `${source} "${given}": giao thức phải là http hoặc https`,
    });
  }
  if (pathname !== '/' || search !== '') {
    throw new UsageError({
      en: `${source} "${given}": leave out what follows the host: ${origin}`,
      vi: `${source} "${given}": hãy bỏ phần sau tên máy: ${origin}`,
    });
  }
  return origin;
}

import { Server as HttpsServer } from 'node:https';
import type { ServerOptions } from 'node:http';
import { ConfigError } from './errors.ts';
import type { HttpApp } from './http.ts';
import { readTls, renewTls, type TlsFiles, type TlsMaterial } from './tls-files.ts';

/** How a door meets the network. */
export interface DoorOptions {
  /** Absent: in clear. */
  readonly tls?: TlsMaterial;
  /** Addresses or networks of proxies whose `X-Forwarded-For` is believed; nobody's unless told. */
  readonly trustedProxies?: readonly string[];
  /** Credentials of one address that may fail in a minute before the next ones wait; 0, unless told: any number. */
  readonly failedKeysPerMinuteMax?: number;
}

/** How long a TLS handshake may take. */
const handshakeMs = 15_000;

/**
 * The options of a door by its settings.
 * @throws ConfigError when certificate or key cannot be used
 */
export function doorOptions(config: {
  readonly tls: TlsFiles;
  readonly trustedProxies: readonly string[] | undefined;
  readonly failedKeysPerMinuteMax: number;
}): DoorOptions {
  const tls = readTls(config.tls);
  const { trustedProxies, failedKeysPerMinuteMax } = config;
  return {
    failedKeysPerMinuteMax,
    ...(tls === undefined ? {} : { tls }),
    ...(trustedProxies === undefined ? {} : { trustedProxies }),
  };
}

/** The options by which fastify makes its server. */
export function serverOf(tls: TlsMaterial | undefined, http: ServerOptions) {
  if (tls === undefined) return { http };
  // The kinds of server differ in their types alone: an app is asked and closed alike.
  return { https: { ...http, ...tls, handshakeTimeout: handshakeMs, minVersion: 'TLSv1.2' } } as unknown as {
    http: ServerOptions;
  };
}

/**
 * Starts listening.
 * @returns the address, as `http://host:port`, or `https://…` where it has a certificate
 * @throws ConfigError when the address cannot be had, naming the way out
 */
export async function listen(
  app: Pick<HttpApp, 'listen' | 'server' | 'log'>,
  { host, port, tls }: { readonly host: string; readonly port: number; readonly tls?: TlsFiles },
): Promise<string> {
  try {
    const address = await app.listen({ host, port });
    if (tls !== undefined && app.server instanceof HttpsServer) {
      app.server.once('close', renewTls(app.server, tls, app.log));
    }
    return address;
  } catch (error) {
    const remedies: Record<string, [setting: string, problem: string, remedy: string]> = {
      EADDRINUSE: [
        'PORT',
        `port ${port} on ${host} is in use by another process`,
        `Stop that process, or choose another port: PORT=${port + 1}`,
      ],
      EACCES: ['PORT', `this user may not open port ${port}`, 'Choose a port above 1023.'],
      EADDRNOTAVAIL: ['HOST', `${host} is not an address of this machine`, 'HOST=127.0.0.1 or HOST=0.0.0.0'],
      ENOTFOUND: ['HOST', `the name ${host} is not known`, 'HOST=127.0.0.1 or HOST=0.0.0.0'],
    };
    const found = remedies[(error as NodeJS.ErrnoException).code ?? ''];
    if (found === undefined) throw error;
    const [setting, problem, remedy] = found;
    throw new ConfigError([{ setting, problem, remedy }], { cause: error });
  }
}

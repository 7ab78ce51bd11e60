import { isIP } from 'node:net';
import { z } from 'zod';
import { fileSchema } from './file-schema.ts';
import { setting } from './settings.ts';

/** TCP port as text; 0 lets the system choose. */
export const portSchema = z.coerce.number().int().min(0).max(65_535);

/** How much is logged. */
export const logLevelSetting = setting(
  'LOG_LEVEL',
  z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  { description: 'Least severe level that is logged: fatal, error, warn, info, debug, trace or silent.' },
);

const namedNetworks = ['loopback', 'linklocal', 'uniquelocal'];
const proxiesSchema = z
  .string()
  .transform((text) => text.split(',').map((one) => one.trim()))
  .refine((proxies) => proxies.every(isNetwork), {
    error: `addresses, networks such as 10.0.0.0/8, or ${namedNetworks.join(', ')}, separated by commas`,
  })
  .optional();

function isNetwork(text: string): boolean {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return namedNetworks.includes(text);
  return bits === undefined || Number(bits) <= (version === 4 ? 32 : 128);
}

/** Where a process listens, by which certificate, and whom it believes. */
export function listenSettings(portDefault: number) {
  return {
    host: setting('HOST', z.string().min(1).default('127.0.0.1'), {
      description: 'Address to listen on. 0.0.0.0 opens the door to the network.',
    }),
    port: setting('PORT', portSchema.default(portDefault), {
      description: 'TCP port to listen on.',
    }),
    tls: {
      certFile: setting('TLS_CERT_FILE', fileSchema.optional(), {
        description:
          'File of the certificate with its chain (PEM): the door then speaks HTTPS only. A renewed file is taken within ' +
          'a minute, or on SIGHUP.',
        example: '/etc/songma/fullchain.pem',
      }),
      keyFile: setting('TLS_KEY_FILE', fileSchema.optional(), {
        description: 'File of the key of that certificate (PEM, not encrypted).',
        example: '/etc/songma/privkey.pem',
      }),
    },
    trustedProxies: setting('TRUSTED_PROXIES', proxiesSchema, {
      description:
        'Addresses or networks of the proxies before this door, separated by commas: of theirs alone X-Forwarded-For ' +
        'is believed. Nobody unless told.',
      example: '127.0.0.1,10.0.0.0/8',
    }),
    failedKeysPerMinuteMax: setting(
      'FAILED_KEYS_PER_MINUTE_MAX',
      z.coerce.number().int().min(0).max(100_000).default(20),
      {
        description:
          'Keys of one address that may be wrong in a minute; beyond, the next ones wait (429), but for keys that were ' +
          'good before. 0: not counted, for a service behind the gateway, which counts them itself.',
      },
    ),
  };
}

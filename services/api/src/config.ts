import { channelSettings } from '@songma/channels';
import { setting, type SettingsOf } from '@songma/runtime';
import { z } from 'zod';

const flagSchema = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional();

const listSchema = (byDefault: string) =>
  z
    .string()
    .default(byDefault)
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    );

/** `name=http://host:port` pairs: the services whose readiness the status tells. */
const servicesSchema = listSchema('').pipe(
  z.array(
    z
      .string()
      .regex(/^[a-z]+=https?:\/\/\S+$/, 'must be name=http://host:port, separated by commas')
      .transform((text) => {
        const at = text.indexOf('=');
        return { name: text.slice(0, at), url: text.slice(at + 1).replace(/\/+$/, '') };
      }),
  ),
);

/** Settings of this service beside those of the ports that it uses. */
export const apiSettings = {
  anonymousRead: setting('ANONYMOUS_READ', flagSchema, {
    description:
      'Whether reading without a key is allowed, as an analyst. Only for a machine of your own, without a proxy before it: ' +
      'true or false. Unless told, false; `pnpm start` on a loopback address takes true.',
    example: 'true',
  }),
  anonymousHosts: setting('ANONYMOUS_HOSTS', listSchema('localhost,127.0.0.1,[::1]'), {
    description:
      'Host names, separated by commas, under which reading without a key is answered: a page of another name that ' +
      'was pointed at this machine (DNS rebinding) gets nothing.',
    example: 'localhost,127.0.0.1',
  }),
  adminToken: setting(
    'ADMIN_TOKEN',
    z
      .string()
      .regex(/^sgm_admin_[0-9a-f]{40}$/, 'must be sgm_admin_ and 40 hexadecimal digits')
      .optional(),
    {
      description:
        'Token of the first administrator, the key "admin": registered at start, and replaced when this names a new one. ' +
        'Make one: echo "sgm_admin_$(openssl rand -hex 20)".',
      secret: true,
    },
  ),
  /** What the seal of evidence follows from. */
  desk: { dataDir: channelSettings.dataDir, deskKey: channelSettings.deskKey },
  services: setting('SERVICE_URLS', servicesSchema, {
    description: 'Services that run apart and whose readiness GET /v1/status tells, as name=URL.',
    example: 'ingest=http://127.0.0.1:8081,writer=http://127.0.0.1:8082,worker=http://127.0.0.1:8083',
  }),
};

export type ApiConfig = SettingsOf<typeof apiSettings>;

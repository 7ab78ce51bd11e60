import {
  clientTlsSettings,
  ConfigError,
  type ClientTls,
  type ClientTlsFiles,
  type Logger,
  readClientTls,
  setting,
  type SettingProblem,
  type SettingsOf,
} from '@songma/runtime';
import { z } from 'zod';
import type { WakeUps } from './port.ts';

export type { Handling, WakeUps } from './port.ts';

export const wakeUpsSettings = {
  adapter: setting('WAKE_UPS', z.enum(['process', 'redis']).default('process'), {
    description: 'What carries wake-ups: process (services in one process) or redis (services apart).',
  }),
  redisUrl: setting(
    'REDIS_URL',
    z.url({ protocol: /^rediss?$/, error: 'not a URL such as redis://127.0.0.1:6379' }).optional(),
    {
      description:
        'The Redis that carries wake-ups; needed with WAKE_UPS=redis. Its maxmemory-policy must be noeviction. User and ' +
        'password stand in it, percent-encoded, and rediss: asks over TLS.',
      example: 'redis://127.0.0.1:6379',
      secret: true,
    },
  ),
  tls: clientTlsSettings('REDIS', 'Redis'),
  prefix: setting(
    'WAKE_UPS_PREFIX',
    z
      .string()
      .regex(/^[a-zA-Z0-9_-]+$/, 'letters, digits, "_" and "-" only')
      .default('songma'),
    {
      description:
        'What the names of all keys in Redis begin with, so that several houses can share one Redis.',
    },
  ),
};
type Declared = SettingsOf<typeof wakeUpsSettings>;
/** How Redis is trusted may be left out: as the system does. */
export type WakeUpsConfig = Omit<Declared, 'tls'> & Partial<Pick<Declared, 'tls'>>;

/**
 * @throws ConfigError when Redis is chosen and not named, or would forget jobs when its memory is full
 * @throws UnavailableError when Redis does not answer for 30 seconds
 */
export async function openWakeUps(
  config: WakeUpsConfig,
  deps: { readonly logger: Logger },
): Promise<WakeUps> {
  switch (config.adapter) {
    case 'process': {
      const { ProcessWakeUps } = await import('./process/process-wake-ups.ts');
      return new ProcessWakeUps(deps);
    }
    case 'redis': {
      const { redisUrl: url, prefix, tls: files = {} } = config;
      if (url === undefined) {
        throw new ConfigError([
          {
            setting: 'REDIS_URL',
            problem: 'is not set, and WAKE_UPS is redis',
            remedy: 'Name the Redis, for example REDIS_URL=redis://127.0.0.1:6379, or set WAKE_UPS=process.',
          },
        ]);
      }
      const tls = redisTls(url, files);
      const { openBullmqWakeUps } = await import('./bullmq/bullmq-wake-ups.ts');
      return openBullmqWakeUps({ ...deps, url, prefix, ...(tls === undefined ? {} : { tls }) });
    }
  }
}

/** @throws ConfigError with everything that is wrong with the files */
function redisTls(url: string, files: ClientTlsFiles): ClientTls | undefined {
  const problems: SettingProblem[] = [];
  const tls = readClientTls(files, 'REDIS', problems);
  const isEncrypted = url.startsWith('rediss:');
  if (!isEncrypted && Object.values(files).some((file) => file !== undefined)) {
    problems.push({
      setting: 'REDIS_URL',
      problem: 'begins with redis:, while files for TLS are named',
      remedy: 'Begin it with rediss:, or leave the files out.',
    });
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return isEncrypted ? tls : undefined;
}

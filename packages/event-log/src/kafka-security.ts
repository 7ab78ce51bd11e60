import {
  clientTlsSettings,
  ConfigError,
  readClientTls,
  setting,
  type ClientTls,
  type SettingProblem,
  type SettingsOf,
} from '@songma/runtime';
import { z } from 'zod';

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** How a broker is trusted, and how it is told who asks. */
export const kafkaSecuritySettings = {
  isEncrypted: setting('KAFKA_TLS', z.stringbool().default(false), {
    description: 'Whether the brokers are asked over TLS.',
  }),
  tls: clientTlsSettings('KAFKA', 'the brokers'),
  mechanism: setting('KAFKA_SASL', z.enum(mechanisms).optional(), {
    description: `How Songma tells the brokers who it is: ${mechanisms.join(', ')}; not at all unless told.`,
    example: 'scram-sha-512',
  }),
  username: setting('KAFKA_USERNAME', z.string().min(1).optional(), {
    description: 'User that Songma is to the brokers, with KAFKA_SASL.',
    example: 'songma',
  }),
  password: setting('KAFKA_PASSWORD', z.string().min(1).optional(), {
    description: 'Password of that user.',
    secret: true,
  }),
};
export type KafkaSecurityConfig = SettingsOf<typeof kafkaSecuritySettings>;

/** What of it a client is made with. */
export interface KafkaSecurity {
  readonly ssl?: ClientTls | true;
  readonly sasl?: {
    readonly mechanism: (typeof mechanisms)[number];
    readonly username: string;
    readonly password: string;
  };
}

/** @throws ConfigError with everything that does not go together */
export function kafkaSecurity(config: KafkaSecurityConfig): KafkaSecurity {
  const { isEncrypted, tls, mechanism, username, password } = config;
  const problems: SettingProblem[] = [];
  const ssl = readClientTls(tls, 'KAFKA', problems);
  const hasFiles = Object.values(tls).some((file) => file !== undefined);
  if (hasFiles && !isEncrypted) {
    problems.push({
      setting: 'KAFKA_TLS',
      problem: 'is not true, while files for it are named',
      remedy: 'Set KAFKA_TLS=true, or leave the files out.',
    });
  }
  for (const [name, value] of Object.entries({ KAFKA_USERNAME: username, KAFKA_PASSWORD: password })) {
    if (mechanism !== undefined && value === undefined) {
      problems.push({ setting: name, problem: 'is not set, and KAFKA_SASL needs it' });
    }
    if (mechanism === undefined && value !== undefined) {
      problems.push({
        setting: 'KAFKA_SASL',
        problem: `is not set, while ${name} is`,
        remedy: `Set it to one of ${mechanisms.join(', ')}.`,
      });
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    ...(isEncrypted ? { ssl: hasFiles ? ssl : true } : {}),
    ...(mechanism === undefined ? {} : { sasl: { mechanism, username: username!, password: password! } }),
  };
}

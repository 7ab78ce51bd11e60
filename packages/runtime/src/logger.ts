import { pino, stdSerializers, type DestinationStream, type Level, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;
export type LogLevel = Level | 'silent';

const secretNames = ['authorization', 'x-api-key', 'apiKey', 'token', 'password', 'secret'];

/** Paths of the secret names at the top of a logged object and up to three levels below. */
const secretPaths = secretNames.flatMap((name) => {
  const step = /^\w+$/.test(name) ? `.${name}` : `["${name}"]`;
  return [step.replace(/^\./, ''), `*${step}`, `*.*${step}`, `*.*.*${step}`];
});

/**
 * A logger that writes one JSON line a record, with the service's name, and replaces the values of secret names
 * (authorization, x-api-key, apiKey, token, password, secret) by `[redacted]`.
 */
export function createLogger(options: {
  readonly service: string;
  readonly level: LogLevel;
  /** Standard output unless told. */
  readonly destination?: DestinationStream;
}): Logger {
  const settings = {
    base: { service: options.service },
    level: options.level,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: stdSerializers.err, error: stdSerializers.err },
    redact: { paths: secretPaths, censor: '[redacted]' },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

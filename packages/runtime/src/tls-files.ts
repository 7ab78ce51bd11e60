import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import { ConfigError, type SettingProblem } from './errors.ts';
import type { Logger } from './logger.ts';

/** Where certificate and key of a door are; both or neither. */
export interface TlsFiles {
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
}

/** How often the files are looked at, so that a renewed certificate is taken without a restart. */
const watchEveryMs = 60_000;

/**
 * Reads certificate and key; undefined where neither is named.
 * @throws ConfigError naming everything that is wrong with them
 */
export function readTls({ certFile, keyFile }: TlsFiles): TlsMaterial | undefined {
  if (certFile === undefined && keyFile === undefined) return undefined;
  const problems: SettingProblem[] = [];
  const cert = readPem('TLS_CERT_FILE', certFile, 'the certificate with its chain, as PEM', problems);
  const key = readPem('TLS_KEY_FILE', keyFile, 'the private key of the certificate, as PEM', problems);
  if (cert !== undefined && key !== undefined) {
    try {
      createSecureContext({ cert, key });
      const { validTo } = new X509Certificate(cert);
      if (Date.parse(validTo) < Date.now()) {
        problems.push({
          setting: 'TLS_CERT_FILE',
          problem: `${certFile} is of a certificate that ended at ${validTo}`,
          remedy: 'Name one that is in force.',
        });
      }
    } catch (error) {
      problems.push({
        setting: 'TLS_CERT_FILE, TLS_KEY_FILE',
        problem: `${certFile} and ${keyFile} cannot be used together: ${(error as Error).message}`,
        remedy: 'Name a PEM certificate and its own key, not encrypted.',
      });
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { cert: cert!, key: key! };
}

function readPem(
  name: string,
  path: string | undefined,
  what: string,
  problems: SettingProblem[],
): string | undefined {
  if (path === undefined) {
    problems.push({
      setting: name,
      problem: 'is not set, while the other file of the two is',
      remedy: `It names ${what}.`,
    });
    return undefined;
  }
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    problems.push({
      setting: name,
      problem: `${path} cannot be read: ${(error as Error).message}`,
      remedy: `It names ${what}.`,
    });
    return undefined;
  }
}

/**
 * Takes renewed files: on SIGHUP, and when one of them has changed. What cannot be used is logged, and the door goes
 * on with what it has.
 * @returns how to stop looking
 */
export function renewTls(
  server: Pick<Server, 'setSecureContext'>,
  files: TlsFiles,
  logger: Pick<Logger, 'info' | 'error'>,
): () => void {
  const renew = (): void => {
    seen = stampsOf(files);
    try {
      const material = readTls(files);
      if (material === undefined) return;
      server.setSecureContext(material);
      const { validTo, subject } = new X509Certificate(material.cert);
      logger.info({ subject, validTo }, 'the certificate is renewed');
    } catch (error) {
      logger.error({ err: error }, 'the renewed certificate cannot be used; the former one stays');
    }
  };
  let seen = stampsOf(files);
  const timer = setInterval(() => {
    if (stampsOf(files) !== seen) renew();
  }, watchEveryMs).unref();
  process.on('SIGHUP', renew);
  return () => {
    clearInterval(timer);
    process.off('SIGHUP', renew);
  };
}

function stampsOf({ certFile, keyFile }: TlsFiles): string {
  return [certFile, keyFile]
    .map((path) => (path === undefined ? '' : (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 'gone')))
    .join(' ');
}

import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import type { SettingProblem } from './errors.ts';
import { fileSchema } from './file-schema.ts';
import { setting } from './settings.ts';

/** By which files a client knows a server, and shows who it is. */
export interface ClientTlsFiles {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** The same as PEM; what is absent is as the system has it. */
export interface ClientTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The settings of a client's files: `PREFIX_TLS_CA_FILE` and so on. */
export function clientTlsSettings(prefix: string, server: string) {
  const file = (name: string, description: string, example: string) =>
    setting(`${prefix}_TLS_${name}_FILE`, fileSchema.optional(), { description, example });
  return {
    caFile: file(
      'CA',
      `Authority that has signed the certificate of ${server} (PEM); those that Node trusts unless told.`,
      '/etc/songma/ca.pem',
    ),
    certFile: file(
      'CERT',
      `Certificate that is shown to ${server}, where it asks for one (PEM).`,
      '/etc/songma/client.pem',
    ),
    keyFile: file('KEY', 'Key of that certificate (PEM, not encrypted).', '/etc/songma/client.key'),
  };
}

/**
 * Reads the files of a client. What is wrong with them is added to `problems`.
 * @param prefix of the settings that name them
 */
export function readClientTls(
  { caFile, certFile, keyFile }: ClientTlsFiles,
  prefix: string,
  problems: SettingProblem[],
): ClientTls {
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const missing = certFile === undefined ? 'CERT' : 'KEY';
    problems.push({
      setting: `${prefix}_TLS_${missing}_FILE`,
      problem: 'is not set, while the other file of the two is',
      remedy: 'A client shows a certificate with its key, or none.',
    });
    return {};
  }
  const tls: ClientTls = {
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
    ...(certFile === undefined ? {} : { cert: readFileSync(certFile, 'utf8') }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile, 'utf8') }),
  };
  try {
    createSecureContext(tls);
    if (tls.ca !== undefined && !tls.ca.includes('-----BEGIN CERTIFICATE-----'))
      throw new Error('no certificate');
  } catch (error) {
    const named = Object.entries({ CA: caFile, CERT: certFile, KEY: keyFile }).flatMap(([name, path]) =>
      path === undefined ? [] : [`${prefix}_TLS_${name}_FILE`],
    );
    problems.push({
      setting: named.join(', '),
      problem: `cannot be used: ${(error as Error).message}`,
      remedy: 'Name PEM files: an authority, and a certificate with its own key.',
    });
  }
  return tls;
}

const nodeErrorSchema = z.object({ code: z.string() });
/** Of OpenSSL and Node: nothing that passes by itself. */
const tlsCodes =
  /^(?:CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER|VERIFY)|HOSTNAME_MISMATCH|ERR_TLS_CERT|ERR_SSL_|EPROTO$)/;

/**
 * Why a server and a client do not come to trust each other, where that is what an error says; else undefined. A
 * server that is down is no such thing.
 */
export function tlsRefusal(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { data } = nodeErrorSchema.safeParse(at);
    if (data !== undefined && tlsCodes.test(data.code)) return `${at.message} (${data.code})`;
  }
  return undefined;
}

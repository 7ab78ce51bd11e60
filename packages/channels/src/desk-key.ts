import { hkdfSync, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@songma/runtime';
import type { ChannelConfig } from './settings.ts';

/** Bytes of the key that all secrets of the desk are derived from, and of each of them. */
const keyBytes = 32;
const fileName = 'desk.key';

/**
 * The key of the desk: the one that is set, else the one in the data directory, which is made there once, for its owner
 * only. Two processes that begin at the same time get the same one.
 *
 * @throws ConfigError when the file holds something else
 */
export async function openDeskKey({
  deskKey,
  dataDir,
}: Pick<ChannelConfig, 'deskKey' | 'dataDir'>): Promise<Uint8Array> {
  if (deskKey !== undefined) return Buffer.from(deskKey, 'hex');
  const file = join(dataDir, fileName);
  const kept = await readIfThere(file);
  if (kept !== undefined) return kept;
  await mkdir(dataDir, { recursive: true });
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(fresh, `${randomBytes(keyBytes).toString('hex')}\n`, { mode: 0o600, flush: true });
  // A link is made by one process alone: the others find its key.
  await link(fresh, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(fresh);
  return (await readIfThere(file))!;
}

/** A secret for one purpose, from which neither the key nor another secret follows. @see RFC 5869 */
export function derivedSecret(key: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), `songma/${purpose}`, keyBytes));
}

async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  if (/^[0-9a-f]{64}\s*$/.test(text)) return Buffer.from(text.trim(), 'hex');
  const remedy = 'Put back the one that was there; without it webhook secrets and open links change.';
  throw new ConfigError([{ setting: file, problem: 'does not hold 64 hexadecimal digits', remedy }]);
}

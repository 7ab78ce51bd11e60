import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { faultOfFileSystem, StationFault } from '../faults.ts';

const keyBytesMax = 1_024;
const tokenPattern = /^sgm_[\x21-\x7e]+$/;

/**
 * The API key of a station's folder, as it stands on disk now: a key that is exchanged needs no restart.
 * @throws StationFault when there is none, when others may read it, or when it is no key
 */
export async function stationKey(keys: string, station: string): Promise<string> {
  const path = join(keys, `${station}.key`);
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const status = await file.stat();
    if (!status.isFile()) throw new StationFault('key_unusable', { path });
    if ((status.mode & 0o077) !== 0) throw new StationFault('key_readable', { path });
    const { buffer, bytesRead } = await file.read(Buffer.alloc(keyBytesMax), 0, keyBytesMax, 0);
    const token = buffer.toString('utf8', 0, bytesRead).trim();
    if (bytesRead === keyBytesMax || !tokenPattern.test(token))
      throw new StationFault('key_unusable', { path });
    return token;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new StationFault('key_missing', { path });
    if (code === 'ELOOP') throw new StationFault('key_unusable', { path });
    throw faultOfFileSystem(error, path, 'not_readable');
  }
}

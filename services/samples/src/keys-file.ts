import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';

/**
 * Names and tokens in a file of `NAME=token` lines that only its owner may read (mode 600). Comments are kept.
 */
export async function readKeysFile(path: string): Promise<Map<string, string>> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return new Map([...text.matchAll(/^([A-Z][A-Z0-9_]*)=(\S+)$/gm)].map(([, name, token]) => [name!, token!]));
}

const header = '# API keys of this Songma: whoever reads them may push, or administer.\n';

/** Adds or replaces tokens; the file is replaced in one step. */
export async function writeKeysFile(path: string, tokens: ReadonlyMap<string, string>): Promise<void> {
  let text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return header;
    throw error;
  });
  for (const [name, token] of tokens) {
    const line = `${name}=${token}`;
    const held = new RegExp(`^${name}=.*$`, 'm');
    text = held.test(text) ? text.replace(held, line) : `${text.replace(/\n?$/, '\n')}${line}\n`;
  }
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
}

/** The administrator's token: made at the first start, kept in the file. */
export async function keptAdminToken(path: string): Promise<string> {
  const kept = (await readKeysFile(path)).get('ADMIN_TOKEN');
  if (kept !== undefined) return kept;
  const token = `sgm_admin_${randomBytes(20).toString('hex')}`;
  await writeKeysFile(path, new Map([['ADMIN_TOKEN', token]]));
  return token;
}

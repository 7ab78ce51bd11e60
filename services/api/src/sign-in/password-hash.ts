import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { UnavailableError } from '@songma/runtime';

/** @see OWASP Password Storage Cheat Sheet (scrypt, 32 MiB); RFC 7914 (its parameters) */
const cost = { N: 2 ** 15, r: 8, p: 1 } as const;
const saltBytes = 16;
const hashBytes = 32;
const memoryBytesMax = 64 * 1024 * 1024;
/** Hashes that are computed at once; each takes 32 MiB and a core for a tenth of a second. */
const computedMax = 2;
const waitingMax = 32;
const stored = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/;

/** A password that nobody has: compared with where there is none, so that its absence does not show in the time taken. */
const nobodys = `scrypt$${cost.N}$${cost.r}$${cost.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

let computing = 0;
const waiting: (() => void)[] = [];

/** `scrypt$N$r$p$salt$hash` with a salt of its own. @throws UnavailableError while too many are computed */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, hashBytes, cost);
  return `scrypt$${cost.N}$${cost.r}$${cost.p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/**
 * Whether the hash is of the password. Takes as long where there is no hash.
 * @throws UnavailableError while too many are computed
 */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [, N, r, p, salt = '', wanted = ''] = stored.exec(hash ?? nobodys) ?? [];
  const expected = Buffer.from(wanted, 'base64url');
  if (expected.length === 0) return false;
  const options = { N: Number(N), r: Number(r), p: Number(p) };
  const given = await derive(password, Buffer.from(salt, 'base64url'), expected.length, options);
  return timingSafeEqual(given, expected) && hash !== undefined;
}

/** The same characters, however they were typed. */
async function derive(
  password: string,
  salt: Buffer,
  bytes: number,
  options: ScryptOptions,
): Promise<Buffer> {
  await turn();
  try {
    return await new Promise((resolve, reject) => {
      const settled = { ...options, maxmem: memoryBytesMax };
      scrypt(password.normalize('NFKC'), salt, bytes, settled, (error, hash) =>
        error === null ? resolve(hash) : reject(error),
      );
    });
  } finally {
    endTurn();
  }
}

/** Whoever waited longest takes over the place of who is done. */
function endTurn(): void {
  const next = waiting.shift();
  if (next === undefined) computing -= 1;
  else next();
}

async function turn(): Promise<void> {
  if (computing < computedMax) {
    computing += 1;
    return;
  }
  if (waiting.length >= waitingMax) {
    const message = 'too many passwords are being checked';
    throw new UnavailableError('sign_ins_busy', message, { retryAfterMs: 2_000 });
  }
  await new Promise<void>((resolve) => waiting.push(resolve));
}

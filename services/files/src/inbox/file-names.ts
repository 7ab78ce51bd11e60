/** Ends of names under which clients upload before they rename. */
const unfinishedEnds = ['.tmp', '.temp', '.part', '.partial', '.filepart', '.upload', '.crdownload', '~'];

/** Whether the name says that the file is still being sent: it is left alone until it is renamed. */
export function isUnfinished(name: string): boolean {
  const lower = name.toLowerCase();
  return name.startsWith('.') || unfinishedEnds.some((end) => lower.endsWith(end));
}

/**
 * The last `yyyyMMddHHmmss` in a name, or `yyyyMMdd_HHmmss` and the like, as fourteen digits; twelve digits are minutes.
 * Empty where there is none.
 */
export function stampIn(name: string): string {
  const found = [...name.matchAll(/(?<!\d)((?:19|20)\d{6})[-_T]?(\d{4})(\d{2})?(?!\d)/g)].at(-1);
  return found === undefined ? '' : `${found[1]}${found[2]}${found[3] ?? '00'}`;
}

/** In the order of the stamps in their names, then of the names; names without a stamp come last. */
export function inOrderOfStamps<T extends { readonly name: string }>(files: readonly T[]): T[] {
  return files
    .map((file) => ({ file, stamp: stampIn(file.name) || '~' }))
    .toSorted((a, b) => compare(a.stamp, b.stamp) || compare(a.file.name, b.file.name))
    .map(({ file }) => file);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Longest name that is taken: its receipt's name has to fit beside it. */
export const nameBytesMax = 200;

/** A name as it is on disk, and as it can be shown, sent and written. */
export interface FileName {
  readonly name: string;
  /** Nothing to escape, and not too long. */
  readonly fault: 'name_unprintable' | 'name_too_long' | undefined;
}

const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\\]/gu;

/** @param raw bytes of the name: the system does not promise that they are UTF-8 */
export function fileName(raw: Buffer): FileName {
  const text = raw.toString('utf8');
  const isText = Buffer.from(text).equals(raw);
  const name = (isText ? text : raw.toString('latin1')).replace(
    unprintable,
    (character) => `%${Buffer.from(character).toString('hex')}`,
  );
  if (!isText || name !== text) return { name: name.slice(0, nameBytesMax / 4), fault: 'name_unprintable' };
  if (raw.length > nameBytesMax) {
    return { name: `${text.slice(0, nameBytesMax / 4)}…`, fault: 'name_too_long' };
  }
  return { name, fault: undefined };
}

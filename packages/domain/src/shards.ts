/** Into how many shards the enterprises are spread. A change would strand what is due: it needs a rebuild. */
const shardCount = 16;

/** All shards, ascending: `S00` to `S15`. */
export const shards: readonly string[] = Array.from({ length: shardCount }, (_, i) => nameOf(i));

/**
 * The shard that an enterprise's work belongs to: the same in every process and for ever (FNV-1a over the id's
 * UTF-16 code units, which are ASCII for every id that the registry takes).
 */
export function shardOf(enterprise: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < enterprise.length; i++) {
    hash = Math.imul(hash ^ enterprise.charCodeAt(i), 0x01000193);
  }
  return nameOf((hash >>> 0) % shardCount);
}

function nameOf(index: number): string {
  return `S${String(index).padStart(2, '0')}`;
}

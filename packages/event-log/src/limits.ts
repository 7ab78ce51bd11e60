/** Largest value that a record may have. A larger one is a bug of the caller, not an outage. */
export const recordBytesMax = 4 * 1024 * 1024;

/** Size of a delivered batch unless the reader asks for another: fewer, larger batches gained nothing measurable. */
export const batchBytesDefault = 2 * 1024 * 1024;

/** Records in a delivered batch, however small they are. */
export const batchRecordsMax = 10_000;

/** Bytes that appends may hold in memory while the log is slower than its callers; more are refused. */
export const pendingBytesMax = 64 * 1024 * 1024;

/** What a record weighs beside its value, for the limits above. */
const recordOverheadBytes = 128;

/** What a record counts for in the limits. */
export function recordBytes(record: { readonly key: string; readonly value: Uint8Array }): number {
  return record.value.byteLength + record.key.length + recordOverheadBytes;
}

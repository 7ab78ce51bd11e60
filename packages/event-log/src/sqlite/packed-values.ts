/** Values of records in memory of their own, so that the threads pass it on without a copy. */
export interface PackedValues {
  readonly lengths: Uint32Array;
  /** The values one after another; transferred, not copied. */
  readonly values: ArrayBuffer;
}

export function packValues(parts: readonly Uint8Array[]): PackedValues {
  const lengths = Uint32Array.from(parts, ({ byteLength }) => byteLength);
  const values = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.byteLength;
  }
  return { lengths, values: values.buffer };
}

/** The values as views of the memory that they are packed in. */
export function unpackValues({ lengths, values }: PackedValues): Uint8Array[] {
  let at = 0;
  return Array.from(lengths, (length) => {
    const value = new Uint8Array(values, at, length);
    at += length;
    return value;
  });
}

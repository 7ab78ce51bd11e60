/** Bytes of the length of a packet, at most. @see MQTT 3.1.1, 2.2.3 */
const lengthBytesMax = 4;

/**
 * Follows a stream of MQTT packets from fixed header to fixed header, without looking at anything else.
 */
export class PacketScanner {
  /** Whole size of the packet that has begun and is not complete; 0 between packets. */
  awaited = 0;
  /** Packets that have begun so far. */
  begun = 0;
  #missing = 0;
  /** Bytes of the header of the packet so far: its type, then its length. */
  #headerBytes = 0;
  #length = 0;

  /** @returns what is wrong with the packet that begins in this piece; undefined while nothing is */
  scan(piece: Buffer, bytesMax: number): string | undefined {
    let at = 0;
    while (at < piece.length) {
      if (this.#missing > 0) {
        const step = Math.min(this.#missing, piece.length - at);
        this.#missing -= step;
        at += step;
        if (this.#missing === 0) this.awaited = 0;
        continue;
      }
      const byte = piece[at++]!;
      if (this.#headerBytes++ === 0) {
        this.begun++;
        this.awaited = 2;
        this.#length = 0;
        continue;
      }
      this.#length += (byte & 0x7f) * 2 ** (7 * (this.#headerBytes - 2));
      if ((byte & 0x80) !== 0) {
        if (this.#headerBytes > lengthBytesMax) return 'the length of a packet cannot be read';
        continue;
      }
      const size = this.#headerBytes + this.#length;
      if (size > bytesMax) return `a packet of ${size} bytes is larger than ${bytesMax}`;
      this.#missing = this.#length;
      this.#headerBytes = 0;
      this.awaited = this.#length === 0 ? 0 : size;
    }
    return undefined;
  }
}

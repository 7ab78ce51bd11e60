/** Room for what is under way at once, in pieces and in bytes; whoever finds none waits for his turn. */
export class Slots {
  readonly #piecesMax: number;
  readonly #bytesMax: number;
  readonly #waiting: { bytes: number; enter: () => void }[] = [];
  #pieces = 0;
  #bytes = 0;

  constructor(piecesMax: number, bytesMax: number) {
    this.#piecesMax = piecesMax;
    this.#bytesMax = bytesMax;
  }

  /** Resolves in the order of the calls. One piece always fits, however large. @returns what gives the room back, once */
  async take(bytes: number): Promise<() => void> {
    if (this.#waiting.length > 0 || !this.#fits(bytes)) {
      await new Promise<void>((enter) => this.#waiting.push({ bytes, enter }));
    } else {
      this.#enter(bytes);
    }
    return () => {
      this.#pieces -= 1;
      this.#bytes -= bytes;
      for (
        let next = this.#waiting[0];
        next !== undefined && this.#fits(next.bytes);
        next = this.#waiting[0]
      ) {
        this.#waiting.shift();
        this.#enter(next.bytes);
        next.enter();
      }
    };
  }

  #fits(bytes: number): boolean {
    return this.#pieces === 0 || (this.#pieces < this.#piecesMax && this.#bytes + bytes <= this.#bytesMax);
  }

  #enter(bytes: number): void {
    this.#pieces += 1;
    this.#bytes += bytes;
  }
}

type Column = Float64Array | Int32Array | Uint8Array;
type Shape = Readonly<Record<string, 'double' | 'integer' | 'tiny'>>;
type Columns<S extends Shape> = {
  [K in keyof S]: S[K] extends 'double' ? Float64Array : S[K] extends 'integer' ? Int32Array : Uint8Array;
};

const constructors = { double: Float64Array, integer: Int32Array, tiny: Uint8Array };

/** Typed columns of equal length that rows are pushed to and that are emptied for the next use. */
export class GrowingColumns<S extends Shape> {
  length = 0;
  columns: Columns<S>;
  private readonly shape: S;
  private capacity = 4096;

  constructor(shape: S) {
    this.shape = shape;
    this.columns = this.allocate();
  }

  /** Makes room for a row and gives its index: its columns are then set by the caller. */
  next(): number {
    if (this.length === this.capacity) {
      this.capacity *= 2;
      const held = this.columns;
      this.columns = this.allocate();
      for (const name of Object.keys(this.shape)) this.columns[name]!.set(held[name]!);
    }
    return this.length++;
  }

  clear(): void {
    this.length = 0;
  }

  /** In the order of the shape. */
  list(): Column[] {
    return Object.keys(this.shape).map((name) => this.columns[name]!);
  }

  private allocate(): Columns<S> {
    const entries = Object.entries(this.shape).map(([name, type]) => [
      name,
      new constructors[type](this.capacity),
    ]);
    return Object.fromEntries(entries) as Columns<S>;
  }
}

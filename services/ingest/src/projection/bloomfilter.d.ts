declare module 'bloomfilter' {
  /** The part of the library that is used here; it carries no types of its own. */
  export class BloomFilter {
    constructor(bits: number, hashes: number);
    add(value: string): void;
    test(value: string): boolean;
  }
}

import { outcome } from '@songma/domain';
import type { ShardedBlock } from '../src/index.ts';

interface Write {
  readonly knownUs: number;
  readonly value: number;
  readonly flags: number;
  readonly answer: number;
}

/**
 * What a series store must answer and hold, in the fewest words: it keeps every write for ever, and what stands as of
 * a time is the write with the greatest `knownUs` not after it.
 */
export class ReferenceStore {
  private readonly writes = new Map<string, Write[]>();

  /** Outcome codes of one block. */
  write({ block }: ShardedBlock): number[] {
    return Array.from(block.times, (time, i) =>
      this.writeOne(JSON.stringify([block.site, block.meters[block.meterIndex[i]!]!, time]), {
        knownUs: block.knownUs,
        value: block.values[i]!,
        flags: block.flags[i]!,
      }),
    );
  }

  /** `[meter, time, value, flags]` of a site in ascending (meter, time), as `facts` gives them for a store. */
  facts(site: string, asOfUs = Infinity): [string, number, number, number][] {
    const found: [string, number, number, number][] = [];
    for (const [key, writes] of this.writes) {
      const [ofSite, meter, time] = JSON.parse(key) as [string, string, number];
      const stands = lastKnown(writes, (write) => write.knownUs <= asOfUs);
      if (ofSite === site && stands !== undefined) found.push([meter, time, stands.value, stands.flags]);
    }
    return found.toSorted((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1]));
  }

  private writeOne(key: string, candidate: Omit<Write, 'answer'>): number {
    const writes = this.writes.get(key) ?? [];
    this.writes.set(key, writes);
    const repeated = writes.find((write) => write.knownUs === candidate.knownUs);
    if (repeated !== undefined) return same(repeated, candidate) ? repeated.answer : outcome.refused;
    const before = lastKnown(writes, (write) => write.knownUs < candidate.knownUs);
    const answer =
      writes.length === 0
        ? outcome.stored
        : before !== undefined && same(before, candidate)
          ? outcome.duplicate
          : outcome.superseding;
    writes.push({ ...candidate, answer });
    return answer;
  }
}

function lastKnown(writes: readonly Write[], allowed: (write: Write) => boolean): Write | undefined {
  return writes
    .filter(allowed)
    .toSorted((a, b) => a.knownUs - b.knownUs)
    .at(-1);
}

function same(a: Pick<Write, 'value' | 'flags'>, b: Pick<Write, 'value' | 'flags'>): boolean {
  return a.flags === b.flags && (a.value === b.value || (Number.isNaN(a.value) && Number.isNaN(b.value)));
}

/** Where a record stands in the log: `partition` names topic and partition, `a0` or `i3`. */
export interface LogPlace {
  readonly partition: string;
  readonly offset: number;
}

/** One event for readers of the live stream. */
export interface LiveEvent {
  readonly type: 'alert' | 'indicator';
  /** Whose it is. */
  readonly enterprise: string;
  /** Undefined: of the whole enterprise. */
  readonly site: string | undefined;
  /** JSON of what is told. */
  readonly data: string;
}

/** An event with the positions after it, in which its id is written. */
export interface PlacedEvent extends LiveEvent {
  readonly place: LogPlace;
  readonly id: string;
}

/**
 * The last events, in the order in which this process learned of them.
 *
 * An id holds the position in every partition so far (`a0.12-i3.7`), so that it means the same after a restart and in
 * another process, whatever order the partitions arrive in there.
 */
export class EventRing {
  readonly #eventsMax: number;
  #events: PlacedEvent[] = [];
  readonly #positions = new Map<string, number>();
  readonly #droppedTo = new Map<string, number>();

  constructor(eventsMax: number) {
    this.#eventsMax = eventsMax;
  }

  /** Id of everything so far. */
  get id(): string {
    return [...this.#positions].map(([partition, offset]) => `${partition}.${offset}`).join('-');
  }

  /** Takes an event in; undefined when it was there before, as a log delivers at least once. */
  add(place: LogPlace, event: LiveEvent): PlacedEvent | undefined {
    if (!this.pass(place)) return undefined;
    const placed = { ...event, place, id: this.id };
    this.#events.push(placed);
    // Cut by halves: a shift for each event would copy the ring each time.
    if (this.#events.length >= 2 * this.#eventsMax) {
      const dropped = this.#events.slice(0, -this.#eventsMax);
      for (const { place: old } of dropped) this.#droppedTo.set(old.partition, old.offset);
      this.#events = this.#events.slice(-this.#eventsMax);
    }
    return placed;
  }

  /** Moves past a record of which nothing is told; false when it was passed before. */
  pass({ partition, offset }: LogPlace): boolean {
    if (offset <= (this.#positions.get(partition) ?? -1)) return false;
    this.#positions.set(partition, offset);
    return true;
  }

  /** Records up to here are not held, so that a reader who has not seen them is told of the gap. */
  skip({ partition, offset }: LogPlace): void {
    if (this.pass({ partition, offset })) this.#droppedTo.set(partition, offset);
  }

  /**
   * What came after the positions of `id`; `complete` is false when some of it is no longer held.
   * Undefined when the id is none of ours.
   */
  after(id: string): { readonly events: readonly PlacedEvent[]; readonly complete: boolean } | undefined {
    const seen = parseId(id);
    if (seen === undefined) return undefined;
    const complete = [...this.#droppedTo].every(
      ([partition, offset]) => offset <= (seen.get(partition) ?? -1),
    );
    const events = this.#events.filter(({ place }) => place.offset > (seen.get(place.partition) ?? -1));
    return { events, complete };
  }
}

function parseId(id: string): Map<string, number> | undefined {
  const seen = new Map<string, number>();
  if (id === '') return seen;
  for (const part of id.split('-')) {
    const [, partition, offset] = /^([a-z]\d{1,4})\.(\d{1,15})$/.exec(part) ?? [];
    if (partition === undefined) return undefined;
    seen.set(partition, Number(offset));
  }
  return seen;
}

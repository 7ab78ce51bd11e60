import type { Factor, FactorKind, Gas, GwpSet } from '@songma/domain';

/** A factor as it is registered. */
export interface VersionedFactor {
  readonly version: number;
  readonly body: Factor;
}

/** What a factor is asked for. */
export interface FactorSubject {
  readonly carrier?: string | undefined;
  readonly gas?: Gas | undefined;
  readonly gwpSet?: GwpSet | undefined;
}

export interface FoundFactor {
  readonly factor: Factor;
  readonly version: number;
  /** It is of an earlier year, because none is registered for the date. Grid factors only. */
  readonly provisional: boolean;
}

const none: readonly VersionedFactor[] = [];

/** The registered factors, to be looked up by what they are about and when they are in force. */
export class FactorBook {
  readonly #bySubject: ReadonlyMap<string, readonly VersionedFactor[]>;

  constructor(factors: readonly VersionedFactor[]) {
    const ordered = factors.toSorted(
      (a, b) => compare(fromOf(b.body), fromOf(a.body)) || compare(a.body.id, b.body.id),
    );
    this.#bySubject = Map.groupBy(ordered, ({ body }) => subjectKey(body.kind, body));
  }

  /**
   * Those in force on the date (`2026-01-31`): the one that came into force last goes first, of two of one date the
   * one whose id is first. For the grid, where there is none, the last one before.
   */
  find(kind: FactorKind, subject: FactorSubject, date: string): FoundFactor[] {
    const all = this.#bySubject.get(subjectKey(kind, subject)) ?? none;
    const begun = all.filter(({ body }) => fromOf(body) <= date);
    const inForce = begun.filter(({ body }) => body.validTo === undefined || body.validTo > date);
    const isPublished = inForce.length > 0 || kind !== 'grid';
    return (isPublished ? inForce : begun.slice(0, 1)).map(({ body, version }) => ({
      factor: body,
      version,
      provisional: !isPublished,
    }));
  }
}

/** Absent goes before every date. */
function fromOf({ validFrom = '' }: Factor): string {
  return validFrom;
}

function subjectKey(kind: FactorKind, { carrier, gas, gwpSet }: FactorSubject): string {
  return [kind, carrier, gas, gwpSet].join('/');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

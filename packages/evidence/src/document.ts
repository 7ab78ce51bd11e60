import type { Bilingual } from '@songma/runtime';

/** A value that JSON can tell. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** An entity of the registry in the version that stood: nothing of it is left out. */
export interface RegisteredFact {
  readonly id: string;
  readonly version: number;
  readonly registeredAt: string;
  readonly body: Json;
}

/** An averaging window and what was found of it. */
export interface EvidenceVerdict {
  readonly start: string;
  readonly end: string;
  readonly state: 'broken' | 'kept' | 'unjudged';
  readonly reason: 'not-in-force' | 'source-off' | 'invalid' | null;
  readonly mean: number | null;
  readonly bound: 'max' | 'min' | null;
  readonly coverage: number;
  readonly validHours: number | null;
  readonly operatingHours: number | null;
}

/** An hour that verdicts rest on. */
export interface EvidenceHour {
  readonly start: string;
  readonly end: string;
  readonly mean: number | null;
  readonly coverage: number;
  /** Share of the hour that valid readings speak for by themselves. */
  readonly validShare: number;
}

/** A reading as it was read: no multiplier applied. */
export interface EvidenceReading {
  readonly meter: string;
  readonly time: string;
  readonly value: number | null;
  readonly unit: string;
  readonly status: string;
  readonly flags: readonly string[];
  readonly knownAt: string;
  readonly revision: number;
  /** When another value took its place; null for what stands. */
  readonly supersededAt: string | null;
}

/** Something that happened to the case, and who did it. */
export interface EvidenceEvent {
  readonly at: string;
  readonly what:
    | 'raised'
    | 'revised'
    | 'resolved'
    | 'reopened'
    | 'replaced'
    | 'voided'
    | 'acknowledged'
    | 'notice'
    | 'step';
  readonly alert: string | null;
  /** Id of a key or person; null for a machine. */
  readonly by: string | null;
  readonly detail: Json;
}

/** A revision that changed numbers which had been told. */
export interface EvidenceRestatement {
  readonly at: string;
  readonly alert: string;
  readonly cause: string;
  readonly before: RestatedNumbers;
  readonly after: RestatedNumbers;
}

export interface RestatedNumbers {
  readonly state: string;
  readonly since: string;
  readonly knownUntil: string;
  readonly windows: number;
  readonly peakMean: number;
}

/**
 * What stands behind a case as it was known at a time: everything that its verdicts were made of. It is a function of
 * case and time alone, so that it can be made again and compared: no time of making, no place in a log is in it.
 */
export interface EvidenceDocument {
  readonly schema: 'vn.songma.evidence.v1';
  readonly case: string;
  readonly asOf: string;
  readonly software: { readonly name: 'Songma'; readonly version: string; readonly rules: number };
  /** What may be concluded from it, and by whom. */
  readonly finding: Bilingual;
  readonly place: {
    readonly enterprise: { readonly id: string; readonly name: string };
    readonly site: {
      readonly id: string;
      readonly name: string;
      readonly province: string;
      readonly timeZone: string;
    };
    readonly source: { readonly id: string; readonly name: string } | null;
  };
  readonly parameter: string;
  /** Unit of all means and bounds. */
  readonly unit: string;
  /** Hour, day or month. */
  readonly averaging: string;
  readonly bounds: { readonly min: number | null; readonly max: number | null };
  readonly document: { readonly name: string; readonly verified: boolean; readonly assurance: string };
  readonly limit: RegisteredFact;
  readonly meter: RegisteredFact;
  /** The meters that a derived one is made of. */
  readonly inputs: readonly RegisteredFact[];
  /** The source, with the signal by which it is told whether it operates. */
  readonly source: RegisteredFact | null;
  readonly voids: readonly RegisteredFact[];
  /** The chain of alerts that replace one another, the first one first, as they stood. */
  readonly alerts: readonly Json[];
  readonly verdicts: readonly EvidenceVerdict[];
  readonly hours: readonly EvidenceHour[];
  readonly readings: readonly EvidenceReading[];
  /** Starts of windows beyond the limit whose readings are not listed: too many, see `readingsMax`. */
  readonly windowsWithoutReadings: readonly string[];
  readonly superseded: readonly EvidenceReading[];
  /** Whether more was superseded than is listed. */
  readonly supersededCut: boolean;
  readonly timeline: readonly EvidenceEvent[];
  readonly restatements: readonly EvidenceRestatement[];
  readonly verification: Bilingual;
}

/** What may be concluded from evidence. */
export const evidenceFinding = {
  en: 'Above the reference limit; the authority concludes.',
  vi: 'Vượt giới hạn tham chiếu; cơ quan có thẩm quyền kết luận.',
} as const satisfies Bilingual;

/** How a reader checks it. */
export const evidenceVerification = {
  en:
    'Take "document" out of the JSON file, write it canonically (RFC 8785), and compare its SHA-256 with ' +
    '"integrity.sha256". "integrity.jws" is a detached signature of the same bytes (RFC 7797, Ed25519); the key is at ' +
    '/.well-known/jwks.json of the server. Asked again for the same case and "asOf", the server gives the same bytes.',
  vi:
    'Lấy "document" trong tệp JSON, viết ở dạng chuẩn (RFC 8785) rồi so SHA-256 với "integrity.sha256". ' +
    '"integrity.jws" là chữ ký tách rời của cùng các byte đó (RFC 7797, Ed25519); khóa công khai ở ' +
    '/.well-known/jwks.json của máy chủ. Hỏi lại với cùng vụ việc và "asOf", máy chủ trả về đúng các byte này.',
} as const satisfies Bilingual;

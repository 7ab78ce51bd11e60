import type { Bilingual, Language } from '@songma/runtime';
import type { CaseFacts } from './case-facts.ts';

/** A link that acknowledges, and the page of the case; absent where the house has no address of its own. */
export interface CaseLinks {
  readonly acknowledgeUrl?: string | undefined;
  readonly caseUrl?: string | undefined;
}

interface OfCase extends CaseLinks {
  readonly facts: CaseFacts;
}

/** A line of a digest or a bundle: a case, and what became of it. */
export interface CaseLine {
  readonly facts: CaseFacts;
  readonly became: 'open' | 'new' | 'worse' | 'ended' | 'withdrawn' | 'unanswered' | 'repeating';
  readonly caseUrl?: string | undefined;
}

/** What of a message is known before it is put into words: by purpose. Times are epoch milliseconds. */
export type NoticeContent =
  | (OfCase & { readonly purpose: 'raised' | 'worse' | 'ended' | 'found' })
  /** The condition goes on in another alert of the same case. */
  | (OfCase & { readonly purpose: 'continues' })
  /** Nothing stands of it: by what correction, of whom, from what to what. */
  | (OfCase & { readonly purpose: 'withdrawn'; readonly correction: CorrectionFacts })
  /** Nobody has acknowledged since then; `step` counts from 1. */
  | (OfCase & { readonly purpose: 'escalated'; readonly toldAt: number; readonly step: number })
  | (OfCase & { readonly purpose: 'lapsed'; readonly by: string; readonly acknowledgedAt: number })
  | (OfCase & {
      readonly purpose: 'asked';
      readonly by?: string | undefined;
      readonly text?: string | undefined;
      readonly dueAt: number;
    })
  | (OfCase & { readonly purpose: 'answer-overdue'; readonly dueAt: number })
  | (OfCase & {
      readonly purpose: 'answered';
      readonly by: string;
      readonly cause?: string | undefined;
      readonly text: string;
    })
  | {
      readonly purpose: 'gathered';
      readonly lines: readonly CaseLine[];
      readonly inboxUrl?: string | undefined;
    }
  | DigestContent
  | {
      readonly purpose: 'site-silent' | 'outage';
      readonly site: string;
      readonly enterprise: string;
      readonly zone: string;
      readonly since: number;
      readonly knownUntil: number;
      /** What the law asks for then. */
      readonly duty?: DutyFacts | undefined;
    }
  | {
      readonly purpose: 'sites-silent';
      readonly area: string;
      readonly sites: readonly string[];
      readonly zone: string;
      readonly since: number;
    }
  | {
      readonly purpose: 'heard-again';
      readonly site: string;
      readonly enterprise: string;
      readonly zone: string;
      readonly since: number;
      readonly until: number;
    }
  | {
      readonly purpose: 'shelf-ends';
      readonly scope: string;
      readonly reason: string;
      readonly until: number;
      readonly zone: string;
    }
  | {
      readonly purpose: 'roster-gap';
      readonly roster: string;
      readonly from: number;
      readonly to: number;
      readonly zone: string;
    }
  | {
      readonly purpose: 'undelivered';
      readonly recipient: string;
      readonly address: string;
      readonly reason: Bilingual;
      readonly subject: string;
    }
  | { readonly purpose: 'deaf'; readonly since: number; readonly zone: string }
  | { readonly purpose: 'trial'; readonly at: number; readonly zone: string };

/** What a correction did to a case. */
export interface CorrectionFacts {
  readonly cause: 'readings' | 'correction' | 'void' | 'limit' | 'registry' | 'rules' | 'clock';
  /** When it was known. */
  readonly at: number;
  /** Who made it, where that is known. */
  readonly by?: string | undefined;
  /** The mean of the peak's window as it is now; null where it is not known any more. */
  readonly meanNow?: number | null | undefined;
}

/** A duty of notice, with what states it. */
export interface DutyFacts {
  readonly withinHours: number;
  readonly to: string;
  readonly document: string;
  readonly verified: boolean;
}

/** A regular summary. Lists that are empty are left out; a digest of nothing says so. */
export interface DigestContent {
  readonly purpose: 'digest-daily' | 'digest-weekly';
  /** What it is of: the days told, in this zone. */
  readonly from: number;
  readonly to: number;
  readonly zone: string;
  readonly lines: readonly CaseLine[];
  /** Shelves that end within the next period, plants that owe an answer, and other lines, written out. */
  readonly notes: readonly { readonly title: Bilingual; readonly items: readonly string[] }[];
  /** Root of the log of those days: a witness outside the house. */
  readonly logRoot?: string | undefined;
  readonly inboxUrl?: string | undefined;
}

/** A text in the language. */
export function said(language: Language, vi: string, en: string): string {
  return language === 'vi' ? vi : en;
}

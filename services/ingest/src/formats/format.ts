import type { Bilingual, DecimalMark, NumberConvention } from '@songma/domain';
import type { Registry } from '@songma/registry';
import type { IngestLimits } from '../config.ts';
import type { MetersAtDoor } from '../meters.ts';
import type { PushDraft } from '../push-draft.ts';
import type { PushSources } from '../sources.ts';
import type { Precision } from './line-protocol-syntax.ts';

/** What a format reads: a body as it is unpacked, and what the door knows beside it. */
export interface FormatSource {
  readonly body: Buffer;
  /** Empty where the format needs none. */
  readonly fileName: string;
  /** Longest line, in characters; longer ones are refused as rows. */
  readonly lineMax: number;
  /** What stands before decimals: as declared with the push, or as seen in the push that a replayed row was in. */
  readonly decimal: { readonly mark: DecimalMark; readonly isDeclared: boolean } | undefined;
  readonly registry: Pick<Registry, 'stationSite'>;
  readonly meters: Pick<MetersAtDoor, 'get' | 'ofStation'>;
  /** What values under names of their own are, for whoever pushes. */
  readonly sources: PushSources;
  /** What stamps of line protocol count; nanoseconds when absent. */
  readonly precision?: Precision | undefined;
  /** When the push came, epoch milliseconds: the time of what has none. */
  readonly receivedAt: number;
}

/** What preparing a body may take. */
export type FormatLimits = Pick<
  IngestLimits,
  'bodyBytesMax' | 'unpackedBytesMax' | 'gzipRatioMax' | 'rowsMax' | 'lineBytesMax'
>;

/** What is known of a body when it has been read. */
export interface FormatReading {
  /** Without what a single row cannot be read again: a header, a file name. */
  readonly context?: string;
  /** How numbers that came as text were read; absent when none of them tells. */
  readonly numbers?: NumberConvention | undefined;
}

/** One refused row as a push of its own. */
export interface ReplayBody {
  readonly format: Format;
  readonly text: string;
  readonly fileName?: string;
  readonly precision?: Precision;
}

/**
 * A form in which readings are pushed. Content negotiation, the description of the API, its errors and the replay of
 * refused rows follow from the table of these (`formats.ts`): a new one is a file like its neighbours, a row of the
 * table and a paragraph of the README.
 */
export interface Format {
  /** What refused rows are kept under: never changed, the log has it. */
  readonly name: string;
  /** Content types in lower case, without parameters. */
  readonly mediaTypes: readonly [string, ...string[]];
  /** How names of such files end, in lower case with the dot; a file whose type nobody tells is known by it. */
  readonly extensions: readonly string[];
  /** How a sentence names a body of it. */
  readonly title: Bilingual;
  /** Whether the rows mean nothing without the name of their file. */
  readonly needsFileName: boolean;
  /**
   * Turns a body that is packed in a way of its own into the one that `read` reads, within the limits of the door.
   * @throws HttpProblem when nothing of it can be read
   */
  readonly prepare?: (body: Buffer, limits: FormatLimits) => Promise<Buffer>;
  /**
   * Gives each row to the draft, in order: taken or refused. Yields now and then between two rows, where others may
   * have their turn.
   * @throws HttpProblem when nothing of the body can be read
   */
  read(source: FormatSource, draft: PushDraft): Generator<void, FormatReading>;
  /** @param context that of the reading, empty where there was none, or what it should have been */
  replay(raw: string, context: string): ReplayBody;
}

/** What stands before the decimals of a number. */
export const decimalMarks = ['dot', 'comma'] as const;
export type DecimalMark = (typeof decimalMarks)[number];

/** How the numbers of a push or a file were read. */
export interface NumberConvention {
  /** `mixed`: numbers of both kinds are there, each of which can be read in one way only. */
  readonly decimal: DecimalMark | 'mixed';
  /** Stated by who sent it; seen in numbers that can be read in one way only; or assumed, since nothing told. */
  readonly by: 'declared' | 'seen' | 'assumed';
}

/**
 * Why a text gives no number though it looks like one: `ambiguous`, since `1.234` may be 1.234 or a thousand and
 * something and nothing tells which; `other-mark`, since it has not the decimal mark that was declared.
 */
export type NumberProblem = 'ambiguous' | 'other-mark';

export interface NumberTextsOptions {
  /** A number with the other mark before its decimals is refused. */
  readonly declared?: DecimalMark | undefined;
  /** Known of the whole of which this is a part: counts like a number that shows it. */
  readonly seen?: DecimalMark | undefined;
  /** The marks that, when nothing tells, are taken for the decimal mark: `1.234` is 1.234 where `dot` is among them. */
  readonly assumed: readonly DecimalMark[];
  /** All texts of the push or file. They are looked through once, when the first ambiguous one is read. */
  readonly all: () => Iterable<string>;
}

const integer = /^[+-]?\d+$/;
/** Sign, digits, mark, digits, exponent. */
const withMark = /^([+-]?)(\d*)([.,])(\d*)([eE][+-]?\d{1,3})?$/;
const withExponent = /^[+-]?\d+[eE][+-]?\d{1,3}$/;
/** Groups of three with one mark, then decimals after the other. */
const grouped = /^[+-]?[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*(?:(?!\1)([.,])(\d*))?$/;

type Shape =
  | { readonly kind: 'number'; readonly value: number; readonly mark: DecimalMark | undefined }
  | { readonly kind: 'ambiguous'; readonly mark: DecimalMark }
  | undefined;

/**
 * Reads the numbers of one push or one file, which are all written in the same way: a text that can be read in two
 * ways is read as its neighbours are. `1.234` beside `999,5` is 1234; without any such neighbour it is read as
 * assumed, or not at all.
 */
export class NumberTexts {
  readonly #options: NumberTextsOptions;
  /** Marks that were shown to be before decimals, and marks of ambiguous numbers. */
  readonly #shown = new Set<DecimalMark>();
  readonly #ambiguous = new Set<DecimalMark>();
  #assumed: DecimalMark | undefined;
  #isScanned = false;

  constructor(options: NumberTextsOptions) {
    this.#options = options;
    if (options.seen !== undefined) this.#shown.add(options.seen);
  }

  /** @returns undefined for an empty text, NaN for what is no number in any reading */
  read(text: string): number | undefined | NumberProblem {
    if (text === '') return undefined;
    const shape = shapeOf(text);
    if (shape === undefined) return Number.NaN;
    const { declared } = this.#options;
    if (shape.kind === 'number') {
      if (shape.mark === undefined) return shape.value;
      if (declared !== undefined && shape.mark !== declared) return 'other-mark';
      this.#shown.add(shape.mark);
      return shape.value;
    }
    const decimal = declared ?? this.#decimalOf(shape.mark);
    if (decimal === undefined) return 'ambiguous';
    return decimal === shape.mark ? decimalOf(text) : Number(text.replace(/[.,]/, ''));
  }

  /** How they were read so far; undefined when none had a mark. */
  get convention(): NumberConvention | undefined {
    const { declared } = this.#options;
    if (declared !== undefined) return { decimal: declared, by: 'declared' };
    const [shown] = this.#shown;
    if (shown !== undefined) return { decimal: this.#shown.size > 1 ? 'mixed' : shown, by: 'seen' };
    return this.#assumed === undefined ? undefined : { decimal: this.#assumed, by: 'assumed' };
  }

  /** The decimal mark by which an ambiguous number with `mark` is read; undefined when nothing tells. */
  #decimalOf(mark: DecimalMark): DecimalMark | undefined {
    this.#ambiguous.add(mark);
    if (!this.#isScanned) {
      this.#isScanned = true;
      for (const text of this.#options.all()) this.#note(shapeOf(text));
    }
    if (this.#shown.size > 1) return undefined;
    const [shown] = this.#shown;
    if (shown !== undefined) return shown;
    if (this.#ambiguous.size > 1 || !this.#options.assumed.includes(mark)) return undefined;
    return (this.#assumed = mark);
  }

  #note(shape: Shape): void {
    if (shape?.mark === undefined) return;
    (shape.kind === 'number' ? this.#shown : this.#ambiguous).add(shape.mark);
  }
}

function shapeOf(text: string): Shape {
  if (integer.test(text) || withExponent.test(text)) {
    return { kind: 'number', value: Number(text), mark: undefined };
  }
  const simple = withMark.exec(text);
  if (simple !== null) {
    const [, , whole = '', sign = '', decimals = '', exponent] = simple;
    if (whole === '' && decimals === '') return undefined;
    const mark = markOf(sign);
    const mayGroup = /^[1-9]\d{0,2}$/.test(whole) && decimals.length === 3 && exponent === undefined;
    return mayGroup ? { kind: 'ambiguous', mark } : { kind: 'number', value: decimalOf(text), mark };
  }
  const groups = grouped.exec(text);
  if (groups === null) return undefined;
  const [, group = '', sign = group === '.' ? ',' : '.'] = groups;
  return { kind: 'number', value: decimalOf(text.replaceAll(group, '')), mark: markOf(sign) };
}

function markOf(sign: string): DecimalMark {
  return sign === ',' ? 'comma' : 'dot';
}

function decimalOf(text: string): number {
  return Number(text.replace(',', '.'));
}

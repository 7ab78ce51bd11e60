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
  /** Marks that were shown to be before decimals, and marks of ambiguous numbers, as bits: most pushes need no more. */
  #shown = 0;
  #ambiguous = 0;
  #assumed: DecimalMark | undefined;
  #isScanned = false;

  constructor(options: NumberTextsOptions) {
    this.#options = options;
    if (options.seen !== undefined) this.#shown = bit[options.seen];
  }

  /** @returns undefined for an empty text, NaN for what is no number in any reading */
  read(text: string): number | undefined | NumberProblem {
    if (text === '') return undefined;
    const { declared } = this.#options;
    const plain = plainMark(text);
    if (plain === 'none') return Number(text);
    const shape = plain === undefined ? shapeOf(text) : undefined;
    const mark = plain ?? shape?.mark;
    if (plain !== undefined || shape?.kind === 'number') {
      const value = plain === 'dot' ? Number(text) : shape?.kind === 'number' ? shape.value : decimalOf(text);
      if (mark === undefined) return value;
      if (declared !== undefined && mark !== declared) return 'other-mark';
      this.#shown |= bit[mark];
      return value;
    }
    if (shape === undefined) return Number.NaN;
    const decimal = declared ?? this.#decimalOf(shape.mark);
    if (decimal === undefined) return 'ambiguous';
    return decimal === shape.mark ? decimalOf(text) : Number(text.replace(/[.,]/, ''));
  }

  /** How they were read so far; undefined when none had a mark. */
  get convention(): NumberConvention | undefined {
    const { declared } = this.#options;
    if (declared !== undefined) return { decimal: declared, by: 'declared' };
    if (this.#shown !== 0) return { decimal: markOfBits(this.#shown) ?? 'mixed', by: 'seen' };
    return this.#assumed === undefined ? undefined : { decimal: this.#assumed, by: 'assumed' };
  }

  /** The decimal mark by which an ambiguous number with `mark` is read; undefined when nothing tells. */
  #decimalOf(mark: DecimalMark): DecimalMark | undefined {
    this.#ambiguous |= bit[mark];
    if (!this.#isScanned) {
      this.#isScanned = true;
      for (const text of this.#options.all()) this.#note(shapeOf(text));
    }
    if (this.#shown !== 0) return markOfBits(this.#shown);
    if (markOfBits(this.#ambiguous) === undefined || !this.#options.assumed.includes(mark)) return undefined;
    return (this.#assumed = mark);
  }

  #note(shape: Shape): void {
    if (shape?.mark === undefined) return;
    if (shape.kind === 'number') this.#shown |= bit[shape.mark];
    else this.#ambiguous |= bit[shape.mark];
  }
}

const bit = { dot: 1, comma: 2 } as const;

/** The only mark of these; undefined when there are both or none. */
function markOfBits(bits: number): DecimalMark | undefined {
  return bits === bit.dot ? 'dot' : bits === bit.comma ? 'comma' : undefined;
}

const zero = 48;
const nine = 57;
const dot = 46;
const comma = 44;
const plus = 43;
const minus = 45;

/**
 * The mark of a number of nothing but digits and at most one mark, which cannot be read in two ways: nearly all are
 * such, and need no more than this look at their letters.
 * @returns undefined for all others
 */
function plainMark(text: string): DecimalMark | 'none' | undefined {
  const first = text.charCodeAt(0);
  const start = first === plus || first === minus ? 1 : 0;
  let at = -1;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= zero && code <= nine) continue;
    if (at >= 0 || (code !== dot && code !== comma)) return undefined;
    at = i;
  }
  if (at < 0) return text.length > start ? 'none' : undefined;
  const whole = at - start;
  const decimals = text.length - at - 1;
  const mayGroup = whole >= 1 && whole <= 3 && decimals === 3 && text.charCodeAt(start) !== zero;
  if (mayGroup || whole + decimals === 0) return undefined;
  return text.charCodeAt(at) === comma ? 'comma' : 'dot';
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

import { belowDetectionIn, NumberTexts, type DecimalMark } from '@songma/domain';
import type { SentValue } from '../push-draft.ts';
import { malformed, quoted, refusal, type Refusal } from '../refusals.ts';
import type { FormatSource } from './format.ts';

/**
 * Reads the numbers that a push has as text.
 * @param assumed the marks that are before decimals when nothing tells
 * @param all every such text of the push, for numbers that can be read in two ways
 */
export function numbersOf(
  { decimal }: Pick<FormatSource, 'decimal'>,
  assumed: readonly DecimalMark[],
  all: () => Iterable<string>,
): NumberTexts {
  const known = decimal?.isDeclared === true ? { declared: decimal.mark } : { seen: decimal?.mark };
  return new NumberTexts({
    ...known,
    assumed,
    *all() {
      for (const text of all()) yield belowDetectionIn(text) ?? text;
    },
  });
}

/** @returns undefined for an empty text, NaN for what is no value, or why it is not taken */
export function valueIn(numbers: NumberTexts, text: string, meter: string): SentValue | Refusal {
  const value = numberIn(numbers, text, meter);
  if (!Number.isNaN(value)) return value;
  const limit = belowDetectionIn(text);
  if (limit === undefined) return value;
  const number = numberIn(numbers, limit, meter);
  return typeof number === 'object' ? number : { limit: number };
}

export function isRefusal(value: SentValue | Refusal): value is Refusal {
  return typeof value === 'object' && 'code' in value;
}

function numberIn(numbers: NumberTexts, text: string, meter: string): number | undefined | Refusal {
  const value = numbers.read(text);
  if (value === 'ambiguous') return refusal('value_ambiguous', { value: quoted(text), meter });
  if (value === 'other-mark') {
    return malformed('decimal_mark', {
      value: quoted(text),
      declared: numbers.convention?.decimal ?? '',
      meter,
    });
  }
  return value;
}

import type { Language } from '@songma/runtime';

const locales = { vi: 'vi-VN', en: 'en-GB' } as const satisfies Record<Language, string>;
const digitsUsual = 4;
const digitsMax = 15;

/** A number as it is written in the language: `1.234,5` in Vietnamese. */
export function numberText(value: number, language: Language, digits = digitsUsual): string {
  return new Intl.NumberFormat(locales[language], { maximumSignificantDigits: digits }).format(value);
}

/**
 * A value beside what it is compared with, in as many digits as tell them apart: 200.03 beside a limit of 200 is never
 * written as 200.
 */
export function comparedTexts(
  value: number,
  limit: number,
  language: Language,
): { readonly value: string; readonly limit: string } {
  for (let digits = digitsUsual; ; digits++) {
    const texts = { value: numberText(value, language, digits), limit: numberText(limit, language, digits) };
    if (texts.value !== texts.limit || digits === digitsMax || value === limit) return texts;
  }
}

/** 0 to 1 as per cent, rounded down: what is not whole is never told as 100 %. */
export function shareText(share: number, language: Language): string {
  const percent = Math.floor(share * 1000 + 1e-9) / 10;
  return `${new Intl.NumberFormat(locales[language], { maximumFractionDigits: 1 }).format(percent)} %`;
}

const subscripts = '₀₁₂₃₄₅₆₇₈₉';
const superscripts: Readonly<Record<string, string>> = { '2': '²', '3': '³' };

/** `SO2` as SO₂, `BOD5` as BOD₅; PM2.5 and PM10 as they are. */
export function parameterText(parameter: string): string {
  return parameter.replaceAll(/(?<=[A-Za-z])\d(?![\d.])/g, (digit) => subscripts[Number(digit)]!);
}

const unitNames: Readonly<Record<string, string>> = { Cel: '°C', '[pH]': '', '1': '', '%': '%' };

/** A UCUM unit as people write it: `mg/m3` as mg/m³; empty for what has none. */
export function unitText(unit: string): string {
  return (
    unitNames[unit] ??
    unit.replaceAll(/(?<=[A-Za-z])[23](?!\d)/g, (digit) => superscripts[digit]!).replaceAll('.', '·')
  );
}

/** A value with its unit; a plain space that does not break. */
export function quantityText(value: string, unit: string): string {
  const text = unitText(unit);
  return text === '' ? value : `${value}\u00a0${text}`;
}

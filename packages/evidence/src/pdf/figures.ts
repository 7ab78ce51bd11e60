import type { PdfLanguage } from './report.ts';

const locales = { vi: 'vi-VN', en: 'en-GB' } as const;
/** As computed: what is compared is never rounded to the limit. */
const digitsMax = 6;

/** A number as the language writes it; a dash where there is none. */
export function figureText(value: number | null, language: PdfLanguage, digits = digitsMax): string {
  if (value === null) return '–';
  return new Intl.NumberFormat(locales[language], { maximumSignificantDigits: digits }).format(value);
}

/** 0 to 1 as per cent, rounded down. */
export function percentText(share: number, language: PdfLanguage): string {
  const percent = Math.floor(share * 1000 + 1e-9) / 10;
  return `${new Intl.NumberFormat(locales[language], { maximumFractionDigits: 1 }).format(percent)} %`;
}

/** A time that carries its offset, as its clock shows it: `10:00 01/01/2026`. */
export function clockText(iso: string): string {
  const [, year, month, day, time] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(iso) ?? [];
  return time === undefined ? iso : `${time} ${day}/${month}/${year}`;
}

/** With seconds, as a reading has them. */
export function secondsText(iso: string): string {
  const [, year, month, day, time] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)/.exec(iso) ?? [];
  return time === undefined ? iso : `${time} ${day}/${month}/${year}`;
}

/** A text in the language. */
export function said(language: PdfLanguage, vi: string, en: string): string {
  return language === 'vi' ? vi : en;
}

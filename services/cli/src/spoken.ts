import type { Bilingual } from '@songma/domain';

/** The language of whoever types, by their locale: Vietnamese, else English. */
export function spokenLanguage(env: Readonly<Record<string, string | undefined>>): 'en' | 'vi' {
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find(
    (text) => text !== undefined && text !== '',
  );
  return /^vi(?:[_.@-]|$)/i.test(locale ?? '') ? 'vi' : 'en';
}

export type Say = (text: Bilingual) => string;

export function sayIn(language: 'en' | 'vi'): Say {
  return (text) => text[language];
}

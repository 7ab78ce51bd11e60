import { effect, signal } from '@preact/signals';

export type Language = 'vi' | 'en';
/** Words in both languages; `{places}` are filled when they are shown. */
export interface Bilingual {
  readonly vi: string;
  readonly en: string;
}

const name = 'songma.language';
const stored = localStorage.getItem(name);
const preferred = navigator.languages.some((tag) => tag.toLowerCase().startsWith('vi')) ? 'vi' : 'en';
const language = signal<Language>(stored === 'vi' || stored === 'en' ? stored : preferred);

effect(() => {
  document.documentElement.lang = language.value;
});

/** The language of the reader. What is drawn with it is drawn again when it changes. */
export function currentLanguage(): Language {
  return language.value;
}

/** BCP 47 tag for dates and numbers. */
export function locale(): string {
  return currentLanguage() === 'vi' ? 'vi-VN' : 'en-GB';
}

/** Changes the language and keeps it for the next visit. */
export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(name, chosen);
  language.value = chosen;
}

/** The words in the reader's language, with their `{places}` filled. */
export function say(words: Bilingual, values: Readonly<Record<string, string | number>> = {}): string {
  return words[currentLanguage()].replace(/\{(\w+)\}/g, (_place, key: string) => String(values[key] ?? ''));
}

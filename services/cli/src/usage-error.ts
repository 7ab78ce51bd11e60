import type { Bilingual } from '@songma/domain';

/** The command cannot be carried out as it was given; the text says what to change. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly text: Bilingual;

  constructor(text: Bilingual) {
    super(text.en);
    this.text = text;
  }
}

/** A file that cannot be read, and why. */
export function unreadable(path: string, error: unknown): UsageError {
  const { message } = error as Error;
  return new UsageError({
    en: `${path} cannot be read: ${message}`,
    vi: `không đọc được ${path}: ${message}`,
  });
}

/** A file that is no YAML, with the place. */
export function notYaml(path: string, error: unknown): UsageError {
  const { message } = error as Error;
  return new UsageError({ en: `${path} is not YAML: ${message}`, vi: `${path} không phải YAML: ${message}` });
}

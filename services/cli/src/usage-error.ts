import type { Bilingual } from '@songma/domain';
import { issueWords } from '@songma/runtime';
import { YAMLParseError } from 'yaml';
import type { z } from 'zod';

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
  const { code = '', message } = error as NodeJS.ErrnoException;
  const { en, vi } = reasons[code] ?? { en: message, vi: `lỗi ${code === '' ? message : code}` };
  return new UsageError({ en: `${path} cannot be read: ${en}`, vi: `không đọc được ${path}: ${vi}` });
}

/** What the system says of a file, by its code. */
const reasons: Readonly<Record<string, Bilingual>> = {
  ENOENT: { en: 'there is no such file', vi: 'không có tệp này' },
  EACCES: { en: 'you may not read it', vi: 'không có quyền đọc' },
  EPERM: { en: 'you may not read it', vi: 'không có quyền đọc' },
  EISDIR: { en: 'it is a directory', vi: 'đây là thư mục' },
  EMFILE: { en: 'too many files are open', vi: 'đang mở quá nhiều tệp' },
};

/** A file that is no YAML, with the place. */
export function notYaml(path: string, error: unknown): UsageError {
  if (!(error instanceof YAMLParseError)) {
    const { message } = error as Error;
    return new UsageError({ en: `${path} is not YAML: ${message}`, vi: `${path} không phải YAML hợp lệ` });
  }
  const { code, linePos, message } = error;
  const [at] = linePos ?? [];
  const place = at === undefined ? '' : `dòng ${at.line}, cột ${at.col}: `;
  return new UsageError({
    en: `${path} is not YAML: ${message.trim()}`,
    vi: `${path} không phải YAML: ${place}${yamlWords[code] ?? 'cú pháp sai'}`,
  });
}

/** What is wrong with a text that is no YAML, in Vietnamese. */
const yamlWords: Readonly<Partial<Record<YAMLParseError['code'], string>>> = {
  BAD_INDENT: 'thụt lề sai',
  TAB_AS_INDENT: 'thụt lề bằng phím Tab; hãy dùng dấu cách',
  MISSING_CHAR: 'thiếu ký tự, ví dụ dấu ngoặc hoặc dấu nháy đóng',
  DUPLICATE_KEY: 'một khóa xuất hiện hai lần',
  MULTILINE_IMPLICIT_KEY: 'khóa kéo dài nhiều dòng; có thể thiếu dấu hai chấm hoặc dấu nháy',
  BLOCK_IN_FLOW: 'khối nằm trong dấu ngoặc',
  BLOCK_AS_IMPLICIT_KEY: 'khối lồng trên cùng một dòng; hãy xuống dòng',
  UNEXPECTED_TOKEN: 'ký tự không mong đợi',
  BAD_ALIAS: 'bí danh (*) không hợp lệ',
  BAD_DQ_ESCAPE: 'ký tự thoát trong dấu nháy kép không hợp lệ',
};

/** What a schema found in a file, a line each. */
export function issueLines(
  issues: readonly z.core.$ZodIssue[],
  placeOf: (path: readonly PropertyKey[]) => Bilingual,
): Bilingual {
  const lines = (language: keyof Bilingual) =>
    issues.map((issue) => `  ${placeOf(issue.path)[language]}: ${issueWords(issue, language)}`).join('\n');
  return { en: lines('en'), vi: lines('vi') };
}

/** The whole of a file, as a place. */
export const wholeFile: Bilingual = { en: 'the file', vi: 'cả tệp' };

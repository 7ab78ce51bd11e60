import { readFile } from 'node:fs/promises';
import { decimalMarks, idSchema, isTimeZone, stampPattern, type Bilingual } from '@songma/domain';
import { parse } from 'yaml';
import { z } from 'zod';
import { issueLines, notYaml, unreadable, UsageError, wholeFile } from './usage-error.ts';

/** Largest mapping, bytes: YAML grows when it is read. */
const mappingBytesMax = 1024 * 1024;

const name = z
  .string()
  .min(1)
  // A header may be composed or decomposed Unicode: both are the same header.
  .transform((text) => text.normalize('NFC').trim());

const pattern = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    const compiled = stampPattern(text);
    if (compiled.ok) return;
    const vi = `"${text}" không phải mẫu thời gian hợp lệ; ví dụ: dd/MM/yyyy HH:mm`;
    context.addIssue({ code: 'custom', message: `"${text}": ${compiled.problem}`, params: { vi } });
  });

const expression = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    try {
      RegExp(text);
    } catch (error) {
      const vi = `"${text}" không phải biểu thức chính quy hợp lệ`;
      context.addIssue({ code: 'custom', message: (error as Error).message, params: { vi } });
    }
  });

/** How a file with one row per stamp and one column per meter is read. The README tells of every field. */
export const mappingSchema = z.strictObject({
  /** Of text files. */
  delimiter: z.string().length(1).default(','),
  /** Of workbooks: a sheet by its name or its place, from 1. */
  sheet: z.union([z.string().min(1), z.int().positive()]).default(1),
  /** What stands above the header: so many lines, or all before the first that matches. */
  preamble: z.union([z.int().nonnegative(), expression]).optional(),
  /** Lines between the header and the first row: units, kinds of averages. */
  afterHeader: z.int().nonnegative().optional(),
  /** What stands before decimals; found out from all numbers of the file when absent. */
  decimal: z.enum(decimalMarks).optional(),
  time: z.strictObject({
    /** One column, or those of the date and of the time of day. */
    column: z.union([name, z.tuple([name, name])]),
    format: pattern.default('ISO'),
    zone: z.string().refine(isTimeZone, {
      message: 'no IANA zone such as Asia/Ho_Chi_Minh, and no offset such as +07:00',
      params: { vi: 'không phải múi giờ IANA như Asia/Ho_Chi_Minh hay độ lệch như +07:00' },
    }),
    stamp: z.enum(['opens', 'closes']).default('opens'),
    midnight: z.enum(['begins-day', 'ends-day']).default('begins-day'),
  }),
  columns: z
    .array(z.tuple([name, columnSchema()]))
    .min(1, 'at least one column has to be mapped to a meter')
    .transform((entries) => new Map(entries)),
});
export type Mapping = z.infer<typeof mappingSchema>;
export type MappedColumn = z.infer<ReturnType<typeof columnSchema>>;

function columnSchema() {
  return z.strictObject({
    meter: idSchema,
    unit: z.string().min(1).optional(),
    /** As `decimal: comma`, of this column alone. */
    decimalComma: z.boolean().optional(),
    /** The column that tells the status of each value: measured, calibrating, fault, or 00, 01, 02. */
    status: name.optional(),
  });
}

/** @throws UsageError naming each place that cannot be used */
export function parseMapping(path: string, text: string): Mapping {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    throw notYaml(path, error);
  }
  const columns = (raw as { columns?: unknown } | null)?.columns;
  const isObject = typeof columns === 'object' && columns !== null && !Array.isArray(columns);
  const listed = isObject ? { ...(raw as object), columns: Object.entries(columns) } : raw;
  const parsed = mappingSchema.safeParse(listed);
  if (!parsed.success) {
    const { en, vi } = issueLines(parsed.error.issues, (place) => placeOf(place, columns));
    throw new UsageError({
      en: `${path} is not a mapping (services/cli/README.md):\n${en}`,
      vi: `${path} không phải tệp ánh xạ (services/cli/README.md):\n${vi}`,
    });
  }
  const { columns: mapped } = parsed.data;
  const byMeter = new Map<string, string>();
  for (const [column, { meter }] of mapped) {
    const other = byMeter.get(meter);
    if (other !== undefined) {
      throw new UsageError({
        en: `${path}: columns "${other}" and "${column}" are both meter ${meter}`,
        vi: `${path}: cột "${other}" và "${column}" cùng là công tơ ${meter}`,
      });
    }
    byMeter.set(meter, column);
  }
  const entries = isObject ? Object.keys(columns) : [];
  if (mapped.size < entries.length) {
    throw new UsageError({
      en: `${path} names a column twice: they differ only in how their letters are composed`,
      vi: `${path} nêu một cột hai lần: chỉ khác cách ghép dấu của chữ`,
    });
  }
  return parsed.data;
}

/** @throws UsageError */
export async function readMapping(path: string): Promise<{ mapping: Mapping; text: string }> {
  const content = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (content.length > mappingBytesMax) {
    throw new UsageError({
      en: `${path} has more than ${mappingBytesMax} bytes: is it a mapping?`,
      vi: `${path} lớn hơn ${mappingBytesMax} byte: có đúng là tệp ánh xạ không?`,
    });
  }
  const text = content.toString('utf8');
  return { mapping: parseMapping(path, text), text };
}

/** A place in the file; columns were read as a list of names and what they are. */
function placeOf(path: readonly PropertyKey[], columns: unknown): Bilingual {
  const [first, index, , ...rest] = path;
  if (path.length === 0) return wholeFile;
  const isColumn = first === 'columns' && typeof index === 'number';
  const text = (isColumn ? ['columns', Object.keys(columns as object)[index], ...rest] : path).join('.');
  return { en: text, vi: text };
}

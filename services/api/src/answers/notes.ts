import type { FastifyRequest } from 'fastify';
import { houseZone, isoInZone } from '../iso-time.ts';
import type { CellKind, Columns } from './cells.ts';
import type { Surroundings } from './written.ts';

type Lines = ReturnType<Surroundings['notes']>;

const kindTexts: Readonly<Record<CellKind, string>> = {
  text: 'văn bản / text',
  boolean: 'đúng hoặc sai / true or false',
  integer: 'số nguyên / whole number',
  long: 'số nguyên / whole number',
  number: 'số thực / number',
  time: 'giờ địa phương của cơ sở / local time of the site',
  timeUs: 'giờ địa phương của cơ sở / local time of the site',
};

/** What a workbook tells about itself: the question, when it was asked, what is told of the rows, and the columns. */
export function notesOf(request: FastifyRequest, columns: Columns, lines: Lines): Lines {
  return [
    ['Songma'],
    ['Câu hỏi / Question', request.url],
    ['Lúc / Asked at', isoInZone(Math.floor(Date.now() / 1000) * 1000, houseZone)],
    [],
    ...lines,
    ...(lines.length === 0 ? [] : [[]]),
    ['Cột / Column', 'Kiểu / Type'],
    ...Object.entries(columns).map(([name, kind]) => [name, kindTexts[kind]]),
  ];
}

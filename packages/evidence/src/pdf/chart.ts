import type { EvidenceDocument } from '../document.ts';
import { clockText, figureText } from './figures.ts';
import type { PdfLanguage } from './report.ts';

const colours = { line: '#0b5cad', limit: '#b3261e', broken: '#f6dcd9', axis: '#5b6b7a', grid: '#dfe5ea' };
const left = 56;
const bottom = 26;
const top = 8;
const gridLines = 4;

/** Points at most: a month of hours; beyond that each is the greatest of several. */
const pointsMax = 750;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The means of the hours over time, a gap where there is none; the bounds as lines, and the windows beyond them shaded.
 */
export function drawChart(
  pdf: PDFKit.PDFDocument,
  evidence: EvidenceDocument,
  { x, y, width, height }: Box,
  language: PdfLanguage,
): void {
  const plot = { x: x + left, y: y + top, width: width - left, height: height - top - bottom };
  const times = [...evidence.hours, ...evidence.verdicts].flatMap(({ start, end }) => [
    Date.parse(start),
    Date.parse(end),
  ]);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const bounds = [evidence.bounds.min, evidence.bounds.max].filter((bound) => bound !== null);
  const means = evidence.hours.flatMap(({ mean }) => (mean === null ? [] : [mean]));
  const highest = Math.max(...bounds, ...means);
  const lowest = Math.min(0, ...bounds, ...means);
  const scale = (highest - lowest || 1) * 1.08;
  const xOf = (time: number) => plot.x + ((time - from) / (to - from)) * plot.width;
  const yOf = (value: number) => plot.y + plot.height - ((value - lowest) / scale) * plot.height;

  for (const { start, end, state } of evidence.verdicts) {
    if (state !== 'broken') continue;
    const [a, b] = [xOf(Date.parse(start)), xOf(Date.parse(end))];
    pdf.rect(a, plot.y, b - a, plot.height).fill(colours.broken);
  }
  pdf.font('regular').fontSize(7);
  for (let line = 0; line <= gridLines; line++) {
    const value = lowest + (scale * line) / gridLines;
    const at = yOf(value);
    pdf
      .moveTo(plot.x, at)
      .lineTo(plot.x + plot.width, at)
      .lineWidth(0.5)
      .stroke(colours.grid);
    pdf
      .fillColor(colours.axis)
      .text(figureText(value, language, 3), x, at - 4, { width: left - 6, align: 'right', lineBreak: false });
  }
  for (const bound of bounds) {
    pdf
      .moveTo(plot.x, yOf(bound))
      .lineTo(plot.x + plot.width, yOf(bound))
      .lineWidth(1)
      .dash(4, { space: 2 })
      .stroke(colours.limit)
      .undash();
  }
  drawMeans(pdf, evidence, xOf, yOf);
  const labels = [
    evidence.hours[0]?.start ?? evidence.verdicts[0]?.start,
    evidence.hours.at(-1)?.end ?? evidence.verdicts.at(-1)?.end,
  ];
  const y0 = plot.y + plot.height + 6;
  pdf.fillColor(colours.axis);
  pdf.text(clockText(labels[0] ?? ''), plot.x, y0, { width: plot.width, lineBreak: false });
  pdf.text(clockText(labels[1] ?? ''), plot.x, y0, { width: plot.width, align: 'right', lineBreak: false });
}

function drawMeans(
  pdf: PDFKit.PDFDocument,
  { hours }: EvidenceDocument,
  xOf: (time: number) => number,
  yOf: (value: number) => number,
): void {
  const step = Math.max(1, Math.ceil(hours.length / pointsMax));
  let isDown = false;
  for (let at = 0; at < hours.length; at += step) {
    const group = hours.slice(at, at + step);
    const means = group.flatMap(({ mean }) => (mean === null ? [] : [mean]));
    if (means.length === 0) {
      isDown = false;
      continue;
    }
    const y = yOf(Math.max(...means));
    const start = xOf(Date.parse(group[0]!.start));
    if (isDown) pdf.lineTo(start, y);
    else pdf.moveTo(start, y);
    pdf.lineTo(xOf(Date.parse(group.at(-1)!.end)), y);
    isDown = true;
  }
  pdf.lineWidth(1.1).stroke(colours.line);
}

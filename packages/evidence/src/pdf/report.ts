import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Language } from '@songma/runtime';
import Pdf from 'pdfkit';

export type PdfLanguage = Language;

const require = createRequire(import.meta.url);
const family = '@expo-google-fonts/be-vietnam-pro';
/** Whole fonts with every letter of Vietnamese: those that are cut into subsets for the web spell no word of it. */
const fonts = {
  regular: require.resolve(`${family}/400Regular/BeVietnamPro_400Regular.ttf`),
  bold: require.resolve(`${family}/600SemiBold/BeVietnamPro_600SemiBold.ttf`),
};

const margin = 48;
const colours = { ink: '#1b2733', quiet: '#5b6b7a', line: '#c9d2da', head: '#eef2f5' };

export interface ReportOptions {
  readonly title: string;
  readonly language: PdfLanguage;
  /** The only time in the file: the same report has the same bytes. */
  readonly date: Date;
  readonly footer: string;
  /** A file inside it, from which it was made. */
  readonly attached?: { readonly name: string; readonly bytes: Uint8Array; readonly description: string };
}

type Structure = PDFKit.PDFStructureElement;
/** What the library takes and its types do not know yet. */
type AttachmentOptions = PDFKit.Mixins.PDFAttachmentOptions & { readonly relationship: 'Source' };
type TableOptions = PDFKit.Mixins.TableOptionsWithData & { readonly structParent: Structure };

/** Columns of a table: their titles, and widths as shares. */
export interface Columns {
  readonly titles: readonly string[];
  readonly widths: readonly number[];
}

/** A report as PDF/A-3a: tagged throughout, its fonts embedded. */
export class Report {
  readonly #options: ReportOptions;
  readonly #document: PDFKit.PDFDocument;
  readonly #chunks: Buffer[] = [];
  readonly #root: Structure;

  constructor(options: ReportOptions) {
    this.#options = options;
    const { title, language, date } = options;
    this.#document = new Pdf({
      subset: 'PDF/A-3a',
      pdfVersion: '1.7',
      tagged: true,
      lang: language,
      displayTitle: true,
      size: 'A4',
      margins: { top: margin, left: margin, right: margin, bottom: margin + 16 },
      bufferPages: true,
      font: fonts.regular,
      info: {
        Title: title,
        Author: 'Songma',
        Creator: 'Songma',
        Producer: 'Songma',
        CreationDate: date,
        ModDate: date,
      },
    });
    this.#document.on('data', (chunk: Buffer) => void this.#chunks.push(chunk));
    this.#document.registerFont('regular', fonts.regular).registerFont('bold', fonts.bold);
    this.#root = this.#document.struct('Document');
    this.#document.addStructure(this.#root);
    const { attached } = options;
    if (attached === undefined) return;
    this.#document.file(Buffer.from(attached.bytes), {
      name: attached.name,
      type: 'application/json',
      description: attached.description,
      creationDate: date,
      modifiedDate: date,
      relationship: 'Source',
    } as AttachmentOptions);
  }

  get width(): number {
    return this.#document.page.width - 2 * margin;
  }

  title(text: string): void {
    this.#text('H1', text, { font: 'bold', size: 20, colour: colours.ink, after: 8 });
  }

  heading(text: string): void {
    this.room(80);
    this.#document.moveDown(0.6);
    this.#text('H2', text, { font: 'bold', size: 12.5, colour: colours.ink, after: 4 });
  }

  paragraph(text: string): void {
    this.#text('P', text, { font: 'regular', size: 9.5, colour: colours.ink, after: 5 });
  }

  note(text: string): void {
    this.#text('P', text, { font: 'regular', size: 8, colour: colours.quiet, after: 5 });
  }

  strong(text: string): void {
    this.#text('P', text, { font: 'bold', size: 10.5, colour: colours.ink, after: 6 });
  }

  /** Labels and their values. */
  facts(rows: readonly (readonly [label: string, value: string])[]): void {
    this.#table(
      rows.map(([label, value]) => [{ text: label, isHead: true }, { text: value }]),
      [0.28, 0.72],
    );
  }

  table({ titles, widths }: Columns, rows: readonly (readonly string[])[]): void {
    const head = titles.map((text) => ({ text, isHead: true }));
    this.#table([head, ...rows.map((row) => row.map((text) => ({ text })))], widths);
  }

  /** What is drawn, with its words for who does not see it; `draw` gets the place of its upper left corner. */
  figure(
    alt: string,
    height: number,
    draw: (document: PDFKit.PDFDocument, x: number, y: number) => void,
  ): void {
    this.room(height + 8);
    const document = this.#document;
    const [x, y] = [margin, document.y];
    const figure = document.struct('Figure', { alt }, () => {
      document.save();
      draw(document, x, y);
      document.restore();
    });
    this.#root.add(figure);
    document.x = margin;
    document.y = y + height + 8;
  }

  /** Begins a page where less than that is left of this one. */
  room(height: number): void {
    const { page, y } = this.#document;
    if (y + height > page.height - margin - 16) this.#document.addPage();
  }

  async bytes(): Promise<Uint8Array> {
    this.#root.end();
    this.#footers();
    const ended = once(this.#document, 'end');
    this.#document.end();
    await ended;
    return Buffer.concat(this.#chunks);
  }

  #text(
    type: string,
    text: string,
    { font, size, colour, after }: { font: string; size: number; colour: string; after: number },
  ): void {
    const document = this.#document;
    document.x = margin;
    document.font(font).fontSize(size).fillColor(colour);
    document.text(text, { width: this.width, structParent: this.#root, structType: type });
    document.y += after;
  }

  #table(rows: readonly (readonly { text: string; isHead?: boolean }[])[], widths: readonly number[]): void {
    const isColumnHead = rows[0]?.every(({ isHead = false }) => isHead) ?? false;
    const document = this.#document;
    document.x = margin;
    document.font('regular').fontSize(8).fillColor(colours.ink);
    const options: TableOptions = {
      structParent: this.#root,
      columnStyles: widths.map((share) => ({ width: share * this.width })),
      defaultStyle: {
        border: { bottom: 0.5 },
        borderColor: colours.line,
        padding: { vertical: 3, horizontal: 4 },
      },
      data: rows.map((row, at) =>
        row.map(({ text, isHead = false }) => ({
          text,
          type: isHead ? ('TH' as const) : ('TD' as const),
          ...(isHead
            ? {
                scope: isColumnHead && at === 0 ? ('Column' as const) : ('Row' as const),
                backgroundColor: colours.head,
                font: { src: 'bold', size: 8 },
              }
            : {}),
        })),
      ),
    };
    document.table(options);
    document.moveDown(0.5);
  }

  /** Page numbers: of the paper, and no part of what is read. */
  #footers(): void {
    const document = this.#document;
    const { start, count } = document.bufferedPageRange();
    for (let at = 0; at < count; at++) {
      document.switchToPage(start + at);
      document.markContent('Artifact', { type: 'Pagination' });
      // Below the margin, where text would begin another page.
      document.page.margins.bottom = 0;
      document.font('regular').fontSize(7.5).fillColor(colours.quiet);
      const y = document.page.height - margin;
      document.text(this.#options.footer, margin, y, { width: this.width * 0.85, lineBreak: false });
      document.text(`${at + 1}/${count}`, margin, y, { width: this.width, align: 'right', lineBreak: false });
      document.endMarkedContent();
    }
  }
}

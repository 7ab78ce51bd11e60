import type { MeterSpan } from './query.ts';
import type { RawRow, WindowRow } from './rows.ts';

interface Seen {
  rows: number;
  /** Milliseconds of the windows seen, and of them covered. */
  windowsMs: number;
  coveredMs: number;
}

/** What a workbook tells of each meter of a series beside its rows: unit, zone, span, and how much was covered. */
export class SeriesNotes {
  private readonly spans: readonly MeterSpan[];
  private readonly seen = new Map<string, Seen>();

  constructor(spans: readonly MeterSpan[]) {
    this.spans = spans;
  }

  see(row: RawRow | WindowRow): void {
    let seen = this.seen.get(row.meter);
    if (seen === undefined) this.seen.set(row.meter, (seen = { rows: 0, windowsMs: 0, coveredMs: 0 }));
    seen.rows++;
    if (!('coverage' in row)) return;
    const windowMs = Date.parse(row.end) - Date.parse(row.start);
    seen.windowsMs += windowMs;
    seen.coveredMs += row.coverage * windowMs;
  }

  /** Coverage is over the windows that are listed; empty for raw readings. */
  lines(): (string | number | null)[][] {
    return [
      [
        'Công tơ / Meter',
        'Tên / Name',
        'Đơn vị / Unit',
        'Múi giờ / Time zone',
        'Số dòng / Rows',
        'Độ bao phủ của các khoảng đã liệt kê / Coverage of the windows listed',
      ],
      ...this.spans.map(({ context: { meter, site } }) => {
        const { rows = 0, windowsMs = 0, coveredMs = 0 } = this.seen.get(meter.id) ?? {};
        const coverage = windowsMs === 0 ? null : coveredMs / windowsMs;
        return [meter.id, meter.name, meter.unit, site.timeZone, rows, coverage];
      }),
    ];
  }
}

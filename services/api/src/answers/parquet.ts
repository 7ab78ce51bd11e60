import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { parseIsoUs } from '../iso-time.ts';
import { type Cell, type CellKind, cellText, type RowStream } from './cells.ts';

/** Rows of a row group: what is in memory at a time, and encoded in one go, for 5,000 some 15 ms. */
const groupRowsMax = 5_000;

const utc = (unit: 'MILLIS' | 'MICROS') => ({ type: 'TIMESTAMP', isAdjustedToUTC: true, unit }) as const;

/** How a kind of cell lies in the file. Times are UTC: the file's readers show them in a zone of their own. */
const kinds = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  boolean: { type: 'BOOLEAN' },
  integer: { type: 'INT32' },
  long: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', logical_type: utc('MILLIS') },
  timeUs: { type: 'INT64', converted_type: 'TIMESTAMP_MICROS', logical_type: utc('MICROS') },
} as const satisfies Record<CellKind, object>;

/**
 * The rows as a Parquet file, a row group at a time. One that breaks off has no footer, so no reader takes it for
 * whole.
 * @see https://parquet.apache.org/docs/file-format/
 */
export async function* parquetPieces<R extends object>(rows: RowStream<R>): AsyncGenerator<Uint8Array> {
  const { batches, cellsOf } = rows;
  const columns = Object.entries(rows.columns);
  const bytes = new ByteWriter();
  const file = new ParquetWriter({
    writer: bytes,
    createdBy: 'Songma',
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(([name, kind]) => ({ name, repetition_type: 'OPTIONAL' as const, ...kinds[kind] })),
    ],
  });
  /** What was written since the last piece; offsets in the file go on. */
  const taken = () => {
    const piece = bytes.getBytes().slice();
    bytes.index = 0;
    return piece;
  };
  try {
    let group: R[] = [];
    const write = async () => {
      const cells = group.map(cellsOf);
      group = [];
      await file.write({
        columnData: columns.map(([name, kind]) => ({
          name,
          data: cells.map((row) => stored(kind, row[name] ?? null)),
        })),
        rowGroupSize: groupRowsMax,
      });
    };
    for (let batch = await batches.next(); batch.done !== true; batch = await batches.next()) {
      for (const row of batch.value) {
        group.push(row);
        if (group.length < groupRowsMax) continue;
        await write();
        yield taken();
      }
    }
    if (group.length > 0) await write();
    await file.finish();
    yield taken();
  } finally {
    // A reader that hung up: the store's cursor is let go.
    await batches.return?.();
  }
}

function stored(kind: CellKind, cell: Cell): string | number | boolean | bigint | null {
  if (cell === null) return null;
  if (kind === 'text') return cellText(cell);
  if (kind === 'long') return BigInt(cell as number);
  if (kind === 'time') return BigInt(Date.parse(String(cell)));
  if (kind === 'timeUs') return BigInt(parseIsoUs(String(cell)));
  return cell as number | boolean;
}

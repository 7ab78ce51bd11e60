import type { BenchResult } from './bench.ts';

const columns: readonly (readonly [title: string, value: (result: BenchResult) => string])[] = [
  ['target', ({ target }) => target],
  ['batch', ({ batch }) => String(batch)],
  ['accepted/s', ({ figures }) => whole(figures?.acceptedPerSecond)],
  ['end to end/s', ({ figures }) => whole(figures?.endToEndPerSecond)],
  ['rolled up/s', ({ figures }) => whole(figures?.settledPerSecond)],
  ['CPU s/M', ({ figures }) => one(figures?.cpuSecondsPerMillion)],
  ['of each', ({ figures }) => ofEach(figures?.cpuSecondsPerMillionOfEach)],
  ['load CPU s/M', ({ figures }) => one(figures?.generatorCpuSecondsPerMillion)],
  ['ack p50/p99 ms', ({ figures }) => `${one(figures?.ackMsP50)} / ${one(figures?.ackMsP99)}`],
  [
    'visible p50/p99 ms',
    ({ figures }) => `${whole(figures?.visibleMsP50)} / ${whole(figures?.visibleMsP99)}`,
  ],
  ['peak MiB', ({ figures }) => `${whole(figures?.peakMibLargest)} / ${whole(figures?.peakMibTotal)}`],
  ['idle MiB', ({ figures }) => whole(figures?.idleMibTotal)],
  ['bytes/reading', ({ figures }) => one(figures?.bytesPerReading ?? undefined)],
  [
    'checker',
    ({ check }) => (check.faultCount === 0 ? 'right' : `${check.faultCount} FAULTS: ${check.faults[0]}`),
  ],
];

/** The results as an aligned table, for people. */
export function formatTable(results: readonly BenchResult[]): string {
  const rows = [
    columns.map(([title]) => title),
    ...results.map((result) => columns.map(([, value]) => value(result))),
  ];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  return rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at]!)).join('  ')).join('\n');
}

const whole = (value: number | undefined): string =>
  value === undefined ? '-' : Math.round(value).toLocaleString('en');
const one = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(1));
const ofEach = (seconds: Readonly<Record<string, number>> = {}): string =>
  Object.entries(seconds)
    .map(([name, of]) => `${name} ${one(of)}`)
    .join(', ');

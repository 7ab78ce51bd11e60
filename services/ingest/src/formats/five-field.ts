import { textOf } from '../body.ts';
import type { PushDraft } from '../push-draft.ts';
import { malformed, quoted, refusal, type Refusal } from '../refusals.ts';
import type { Format, FormatReading, FormatSource } from './format.ts';
import { checkLines, linesOf, withoutMark } from './lines.ts';
import { isRefusal, numbersOf, valueIn } from './numbers.ts';

const fieldsCount = 5;

/** Statuses of the file format in the words of the door. */
const statuses = new Map([
  ['00', 'measured'],
  ['01', 'calibrating'],
  ['02', 'fault'],
]);

/**
 * The Vietnamese monitoring file (Circular 10/2021/TT-BTNMT, annex 15): per line symbol, value, unit,
 * `yyyyMMddHHmmss` and status, separated by TAB, without a header. The file's name tells the station.
 */
export const fiveField: Format = {
  name: 'five-field',
  mediaTypes: ['text/plain', 'text/vnd.songma.five-field'],
  extensions: ['.txt'],
  title: { en: 'a five-field file', vi: 'tệp năm trường' },
  needsFileName: true,
  read: readFiveField,
  replay: (raw, context) => ({ format: fiveField, text: raw, fileName: context }),
};

function* readFiveField(source: FormatSource, draft: PushDraft): Generator<void, FormatReading> {
  const { body, fileName, lineMax, registry, meters } = source;
  // A station that the key may not push for is as unknown as one that nobody registered.
  const isKnownStation = (name: string) => {
    const site = registry.stationSite(name);
    return site !== undefined && draft.mayPush(site.enterprise, site.id);
  };
  const station = stationOf(fileName, isKnownStation);
  const isKnown = isKnownStation(station);
  const text = withoutMark(textOf(body));
  // Stations print no signs between thousands: of a lone `1,234` the comma is before decimals.
  const numbers = numbersOf(source, ['dot', 'comma'], function* () {
    for (const line of linesOf(text)) if (line.length <= lineMax) yield (line.split('\t')[1] ?? '').trim();
  });
  yield* checkLines(text, draft, lineMax, (line, row): Refusal | undefined => {
    const fields = line.split('\t').map((field) => field.trim());
    // Some loggers end each line with a TAB.
    while (fields.length > fieldsCount && fields.at(-1) === '') fields.pop();
    if (fields.length !== fieldsCount) {
      return malformed('fields_count', { count: fields.length, expected: fieldsCount });
    }
    const [symbol = '', valueText = '', unit = '', time = '', status = ''] = fields;
    if (!isKnown) return refusal('station_unknown', { station: quoted(station) });
    const meter = meters.ofStation(station, symbol, time);
    if (meter === undefined) return refusal('symbol_unknown', { station, symbol: quoted(symbol) });
    const value = valueIn(numbers, valueText, meter.id);
    if (isRefusal(value)) return value;
    return draft.takeOf(
      meter,
      row,
      value,
      valueText,
      unit === '' ? undefined : unit,
      time,
      // A status that is not in the table is told as it came.
      statuses.get(status) ?? (status === '' ? '(empty)' : status),
    );
  });
  return { context: fileName, numbers: numbers.convention };
}

/**
 * The station in a file name such as `TH_BSON_KHILO2__20260810103000.txt`: what stands before the time. How many `_`
 * separate the two is not fixed, and a station may have some itself, so a name that is registered is preferred to one
 * that is not.
 */
export function stationOf(fileName: string, isRegistered: (station: string) => boolean): string {
  const name = fileName.split(/[/\\]/).at(-1)!.trim();
  const stem = name.replace(/\.[A-Za-z]{1,4}$/, '');
  const beforeTime = stem.replace(/\d{14}$/, '');
  const trimmed = beforeTime.replace(/[_\-\s]+$/, '');
  return (
    [beforeTime, trimmed, stem].find((candidate) => candidate !== '' && isRegistered(candidate)) ?? trimmed
  );
}

import {
  lifeMsIn,
  livesIn,
  windowAt,
  windowsBetween,
  type HourValidity,
  type OperatingSignal,
  type Window,
} from '@songma/domain';
import { availabilityOf, operationOf, validityOf } from '@songma/limits';
import type { Registry } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
import { z } from 'zod';
import { isoInZone } from '../iso-time.ts';
import { isoTimeSchema } from '../routes.ts';
import { expectedSince } from '../feeds/expected-since.ts';
import { meterAsOf } from '../series/meter-as-of.ts';
import type { CellKind } from '../answers/cells.ts';
import type { Placed } from '../answers/pages.ts';
import type { MeterSpan } from '../series/query.ts';
import { meterWindows, type WindowDraft } from '../series/windows.ts';

export const availabilityWindows = ['P1D', 'P1M', 'P1Y'] as const;

/** An hour's rule unless the query or a limit of the meter tells another. */
const ruleDefault: HourValidity = { rule: 'share', min: 0.75 };

export const availabilityRowSchema = z.object({
  meter: z.string(),
  source: z.string().nullable(),
  start: isoTimeSchema,
  end: isoTimeSchema,
  basis: z.enum(['operating', 'calendar']).meta({
    description:
      '`operating`: the meter’s source tells when it operates; `calendar`: it does not, and every hour counts.',
  }),
  rule: z.enum(['share', 'quadrants']).meta({ description: 'By which an hour is valid.' }),
  shareMin: z.number().nullable().meta({
    description:
      'Of rule `share`: least share of a valid hour that its readings speak for, each for one interval.',
  }),
  hours: z
    .int()
    .nonnegative()
    .meta({ description: 'Hours of the window that are over, as far as the meter was there.' }),
  operatingHours: z
    .int()
    .nonnegative()
    .meta({ description: 'Those in which the source was not known to be off throughout.' }),
  unknownHours: z.int().nonnegative().nullable().meta({
    description: 'Operating hours in which its signal was silent: taken to operate. Null without a signal.',
  }),
  validHours: z.int().nonnegative().meta({ description: 'Operating hours that are valid by the rule.' }),
  availability: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .meta({ description: '`validHours` over `operatingHours`; null where the source did not operate.' }),
  calibratingHours: z
    .number()
    .nonnegative()
    .meta({ description: 'Time within the operating hours, with fractions; so also the next three.' }),
  faultHours: z.number().nonnegative(),
  outOfRangeHours: z.number().nonnegative(),
  silentHours: z.number().nonnegative().meta({ description: 'Time that no reading speaks for.' }),
});
export type AvailabilityRow = z.infer<typeof availabilityRowSchema>;

export const availabilityColumns = {
  meter: 'text',
  source: 'text',
  start: 'time',
  end: 'time',
  basis: 'text',
  rule: 'text',
  shareMin: 'number',
  hours: 'integer',
  operatingHours: 'integer',
  unknownHours: 'integer',
  validHours: 'integer',
  availability: 'number',
  calibratingHours: 'number',
  faultHours: 'number',
  outOfRangeHours: 'number',
  silentHours: 'number',
} as const satisfies Record<keyof AvailabilityRow, CellKind>;

/** A meter that is asked about, with its source's signal and its rule as they are, or were at `asOf`. */
export interface AvailabilitySpan extends MeterSpan {
  readonly signal: OperatingSignal | undefined;
  readonly rule: HourValidity;
}

/** Where to go on: which of the meters asked for, and from which instant. */
export type AvailabilityPosition = readonly [meter: number, from: number];

export interface AvailabilityQuery {
  readonly window: (typeof availabilityWindows)[number];
  readonly asOfUs: number | undefined;
  /** Hours that end later are not over, epoch milliseconds. */
  readonly until: number;
  readonly position: AvailabilityPosition;
}

/** The rule of hours, and the signal, that are registered for the meter of a span. */
export function availabilitySpan(
  registry: Pick<Registry, 'get' | 'getAsOf' | 'limitsOfMeter'>,
  span: MeterSpan,
  told: HourValidity | undefined,
  asOfMs: number | undefined,
): AvailabilitySpan {
  const { id, source: sourceId } = span.context.meter;
  const as = <K extends 'source' | 'limit'>(kind: K, of: string) =>
    asOfMs === undefined ? registry.get(kind, of) : registry.getAsOf(kind, of, asOfMs);
  const source = sourceId === undefined ? undefined : as('source', sourceId);
  const limit = registry.limitsOfMeter(id).flatMap((one) => as('limit', one.id) ?? [])[0];
  const rule = told ?? (limit === undefined ? ruleDefault : validityOf(limit.body));
  return { ...span, signal: source?.body.operating, rule };
}

/** The windows that overlap each span, by meter as given, then by time; a meter's hours are read when it is come to. */
export async function* availabilityRows(
  deps: { readonly store: SeriesStore; readonly registry: Pick<Registry, 'meter' | 'getAsOf'> },
  spans: readonly AvailabilitySpan[],
  query: AvailabilityQuery,
): AsyncGenerator<Placed<AvailabilityRow, AvailabilityPosition>[]> {
  const { window: kind, position } = query;
  for (const [index, whole] of spans.entries()) {
    if (index < position[0]) continue;
    const span = index === position[0] ? { ...whole, from: Math.max(whole.from, position[1]) } : whole;
    if (span.from >= span.to) continue;
    const zone = span.context.site.timeZone;
    const windows = windowsBetween(kind, span.from, span.to, zone);
    const held = await hoursOf(deps.store, span, windows, query);
    const signalled = await signalHours(deps, span, windows, query);
    const all = { ...span, from: windows[0]!.start, to: windows.at(-1)!.end };
    const since = await expectedSince(deps.store, all, held.keys().next().value, query.asOfUs);
    yield windows.map((window) => ({
      row: rowOf(span, window, hoursIn(span, window, { held, signalled, since, until: query.until })),
      after: [index, window.end],
    }));
  }
}

type ByStart = ReadonlyMap<number, WindowDraft>;

async function hoursOf(
  store: SeriesStore,
  span: MeterSpan,
  windows: readonly Window[],
  { asOfUs }: AvailabilityQuery,
): Promise<ByStart> {
  const hours = new Map<number, WindowDraft>();
  const whole = { ...span, from: windows[0]!.start, to: windows.at(-1)!.end };
  for await (const batch of meterWindows(store, { span: whole, kind: 'PT1H', asOfUs, gaps: false })) {
    for (const draft of batch) hours.set(draft.start, draft);
  }
  return hours;
}

async function signalHours(
  { store, registry }: Parameters<typeof availabilityRows>[0],
  span: AvailabilitySpan,
  windows: readonly Window[],
  query: AvailabilityQuery,
): Promise<ByStart> {
  if (span.signal === undefined) return new Map();
  const { meter: id } = span.signal;
  const { asOfUs } = query;
  const context =
    asOfUs === undefined ? registry.meter(id) : meterAsOf(registry, id, Math.floor(asOfUs / 1000));
  return context === undefined ? new Map() : hoursOf(store, { ...span, context }, windows, query);
}

function hoursIn(
  { context, signal }: AvailabilitySpan,
  { start, end }: Window,
  {
    held,
    signalled,
    since,
    until,
  }: {
    readonly held: ByStart;
    readonly signalled: ByStart;
    readonly since: number;
    readonly until: number;
  },
) {
  const zone = context.site.timeZone;
  const to = Math.min(end, windowAt('PT1H', until, zone).start);
  const hours = windowsBetween('PT1H', start, to, zone).filter(
    (hour) => hour.end > since && livesIn(context.meter, hour),
  );
  return hours.map((window) => ({
    expectedMs: lifeMsIn(context.meter, window),
    given: held.get(window.start),
    operation: operationOf(signal, signalled.get(window.start)),
  }));
}

function rowOf(
  { context: { meter, site }, signal, rule }: AvailabilitySpan,
  { start, end }: Window,
  hours: Parameters<typeof availabilityOf>[1],
): AvailabilityRow {
  const { unknownHours, ...told } = availabilityOf(rule, hours);
  return {
    meter: meter.id,
    source: meter.source ?? null,
    start: isoInZone(start, site.timeZone),
    end: isoInZone(end, site.timeZone),
    basis: signal === undefined ? 'calendar' : 'operating',
    rule: rule.rule,
    shareMin: rule.rule === 'share' ? rule.min : null,
    ...told,
    unknownHours: signal === undefined ? null : unknownHours,
  };
}

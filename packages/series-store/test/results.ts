import {
  alertId,
  type Alert,
  type AlertWindow,
  type Indicator,
  type IndicatorEvent,
  type Rollup,
} from '@songma/domain';

const hourMs = 3_600_000;

/** An hourly rollup of a test. */
export function rollupOf(site: string, meter: string, start: number, fields: Partial<Rollup> = {}): Rollup {
  return {
    site,
    meter,
    window: 'PT1H',
    start,
    end: start + hourMs,
    count: 60,
    expected: 60,
    coveredMs: hourMs,
    coverage: 1,
    sum: 12.25,
    mean: null,
    min: null,
    max: null,
    calibrating: 0,
    fault: 0,
    outOfRange: 0,
    spreadMs: 0,
    irregular: 0,
    quarters: 0b1111,
    validSpanMs: 3_540_000,
    calibratingMs: 0,
    faultMs: 0,
    outOfRangeMs: 0,
    belowDetection: 0,
    validMs: 0,
    rules: 1,
    revision: 1,
    ...fields,
  };
}

/** A daily indicator of a test. */
export function indicatorOf(
  enterprise: string,
  name: string,
  start: number,
  fields: Partial<Indicator> = {},
): Indicator {
  return {
    id: `${enterprise}/${name}/P1D/${start}`,
    enterprise,
    name,
    window: 'P1D',
    start,
    end: start + 24 * hourMs,
    value: 91.5,
    unit: 'kWh/t',
    coverage: 1,
    withheld: null,
    numerator: 183,
    denominator: 2,
    revision: 1,
    inputs: [{ meter: 'm0', revision: 1 }],
    publishedAt: start + 25 * hourMs,
    ...fields,
  };
}

/** The event that published an indicator after `before`. */
export function publicationOf(
  after: Indicator,
  before: Indicator | null = null,
  cause: IndicatorEvent['cause'] = 'readings',
): IndicatorEvent {
  return { id: after.id, before, after, cause };
}

/** An alert of an hour of a test, open, raised half an hour after it. */
export function alertOf(limit: string, origin: number, fields: Partial<Alert> = {}): Alert {
  const end = origin + hourMs;
  const window: AlertWindow = {
    start: origin,
    end,
    mean: 150.5,
    limitValue: 100,
    bound: 'max',
    coverage: 0.75,
    ratio: 1.505,
    severity: 'from-1.5',
  };
  return {
    id: alertId({ limit, origin, generation: 1 }),
    kind: 'exceedance',
    limit,
    limitVersion: 1,
    meter: `${limit}-meter`,
    site: 'site',
    enterprise: 'steel',
    parameter: 'PM',
    unit: 'mg/Nm3',
    averaging: 'PT1H',
    validity: { rule: 'share', min: 0.75 },
    document: 'QCVN 23:2009/BTNMT, bảng 1, cột B2',
    verified: false,
    origin,
    state: 'open',
    since: origin,
    until: null,
    knownUntil: end,
    first: window,
    peak: window,
    latest: window,
    windows: 1,
    coverage: 0.75,
    stale: false,
    revision: 1,
    cause: 'readings',
    raisedAt: end + hourMs / 2,
    changedAt: end + hourMs / 2,
    ...fields,
  };
}

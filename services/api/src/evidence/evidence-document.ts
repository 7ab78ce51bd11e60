import { assuranceOf, rulesVersion, type Alert } from '@songma/domain';
import {
  evidenceFinding,
  evidenceVerification,
  type EvidenceDocument,
  type EvidenceEvent,
  type EvidenceRestatement,
  type Json,
  type RegisteredFact,
  type RestatedNumbers,
} from '@songma/evidence';
import { boundsOf } from '@songma/limits';
import type { Registry, Versioned } from '@songma/registry';
import type { KeptAlert, SeriesStore } from '@songma/series-store';
import { alertWire } from '../alerts/alert-wire.ts';
import { isoInZone, isoInZoneUs } from '../iso-time.ts';
import { meterAsOf } from '../series/meter-as-of.ts';
import { alertChain, revisionsOf } from './alert-chain.ts';
import { evidenceBasis, leavesOfMeter, type EvidenceBasis } from './evidence-basis.ts';
import { evidenceReadings } from './evidence-readings.ts';
import { evidenceHour, evidenceVerdict, judgedAnew } from './evidence-verdicts.ts';

export interface EvidenceDeps {
  readonly registry: Registry;
  readonly seriesStore: SeriesStore;
  readonly version: string;
  /** What else happened to a case by a time (epoch milliseconds): who was told and what people did. */
  readonly eventsOf?: (caseId: string, asOf: number) => readonly EvidenceEvent[];
}

/**
 * The evidence of the case that an alert is of, as it was known at a time (epoch microseconds). It depends on nothing
 * else, so that the same question has the same answer.
 */
export async function evidenceOf(
  deps: EvidenceDeps,
  found: KeptAlert,
  asOfUs: number,
): Promise<EvidenceDocument> {
  const { registry, seriesStore, version } = deps;
  const asOf = Math.floor(asOfUs / 1000);
  const chain = await alertChain(seriesStore, found, asOf);
  const [{ alert: first }] = chain as [KeptAlert, ...KeptAlert[]];
  const basis = evidenceBasis(registry, first, asOf);
  const { context, registeredLimit, limit } = basis;
  const zone = context.site.timeZone;
  const condition = {
    since: Math.min(...chain.map(({ alert }) => alert.since)),
    until: Math.max(...chain.map(({ alert }) => alert.knownUntil)),
  };
  const { verdicts, hours } = await judgedAnew(deps, basis, condition, asOfUs);
  const excess = (mean: number | null, bound: string | undefined) => (bound === 'min' ? -1 : 1) * (mean ?? 0);
  const broken = verdicts
    .filter(({ state }) => state === 'broken')
    .toSorted((a, b) => excess(b.mean, b.bound) - excess(a.mean, a.bound) || a.start - b.start);
  // Where a correction left nothing beyond the limit, what was said to be beyond it.
  const told = chain.map(({ alert }) => alert.peak);
  const revisions = await revisionsOf(seriesStore, chain, asOf);
  const { min = null, max = null } = boundsOf(limit);
  const caseId = first.id;
  return {
    schema: 'vn.songma.evidence.v1',
    case: caseId,
    asOf: isoInZoneUs(asOfUs, zone),
    software: { name: 'Songma', version, rules: rulesVersion },
    finding: evidenceFinding,
    place: placeOf(registry, basis, asOf),
    parameter: limit.parameter,
    unit: context.meter.unit,
    averaging: limit.averaging,
    bounds: { min, max },
    document: {
      name: limit.source.document,
      verified: limit.source.verified,
      assurance: assuranceOf(limit.source),
    },
    limit: factOf(registeredLimit, zone),
    ...factsOf(registry, basis, asOf),
    voids: leavesOfMeter(basis).flatMap(({ id }) =>
      registry.voidsOfMeter(id, asOf).map((declared) => factOf(declared, zone)),
    ),
    alerts: chain.map((one) => alertWire(one, registry) as unknown as Json),
    verdicts: verdicts.map((verdict) => evidenceVerdict(verdict, zone)),
    hours: hours.map((hour) => evidenceHour(hour, zone)),
    ...(await evidenceReadings(seriesStore, basis, broken.length > 0 ? broken : told, asOfUs)),
    timeline: [
      ...machineEvents(revisions, zone),
      ...acknowledgements(chain, zone, asOf),
      ...(deps.eventsOf?.(caseId, asOf) ?? []),
    ].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)),
    restatements: restatements(revisions, zone),
    verification: evidenceVerification,
  };
}

function placeOf(registry: Registry, { context }: EvidenceBasis, asOf: number): EvidenceDocument['place'] {
  const { enterprise, site, meter } = context;
  const source = meter.source === undefined ? undefined : registry.getAsOf('source', meter.source, asOf);
  return {
    enterprise: { id: enterprise.id, name: enterprise.name },
    site: { id: site.id, name: site.name, province: site.province, timeZone: site.timeZone },
    source: source === undefined ? null : { id: source.id, name: source.body.name },
  };
}

function factsOf(
  registry: Registry,
  { context, inputs, signal }: EvidenceBasis,
  asOf: number,
): Pick<EvidenceDocument, 'meter' | 'inputs' | 'source'> {
  const { meter, site } = context;
  const zone = site.timeZone;
  const registered = (id: string): RegisteredFact[] => {
    const known = registry.getAsOf('meter', id, asOf) ?? registry.get('meter', id);
    return known === undefined ? [] : [factOf(known, zone)];
  };
  const source = meter.source === undefined ? undefined : registry.getAsOf('source', meter.source, asOf);
  const inputIds = [...(inputs?.keys() ?? [])].filter((id) => id !== meter.id).toSorted();
  const signalIds = signal === undefined || inputIds.includes(signal.of.meter) ? [] : [signal.of.meter];
  return {
    // A retired meter has no version that stands; what was computed was computed with this one.
    meter: registered(meter.id)[0] ?? {
      id: meter.id,
      version: 0,
      registeredAt: isoInZone(0, zone),
      body: plain(meter),
    },
    inputs: [...inputIds, ...signalIds].flatMap((id) =>
      meterAsOf(registry, id, asOf) === undefined ? [] : registered(id),
    ),
    source: source === undefined ? null : factOf(source, zone),
  };
}

function factOf({ id, version, at, body }: Versioned<object>, zone: string): RegisteredFact {
  return { id, version, registeredAt: isoInZone(at, zone), body: plain(body) };
}

/** As JSON tells it: without what is undefined. */
function plain(body: object): Json {
  return JSON.parse(JSON.stringify(body)) as Json;
}

function machineEvents(revisions: readonly Alert[], zone: string): EvidenceEvent[] {
  const before = new Map<string, Alert>();
  return revisions.map((alert) => {
    const what = changeOf(before.get(alert.id), alert);
    before.set(alert.id, alert);
    const { cause, revision, windows, peak } = alert;
    return {
      at: isoInZone(alert.changedAt, zone),
      what,
      alert: alert.id,
      by: null,
      detail: { cause, revision, windows, peak: peak.mean },
    };
  });
}

function changeOf(before: Alert | undefined, { state }: Alert): EvidenceEvent['what'] {
  if (before === undefined) return 'raised';
  if (before.state === state) return 'revised';
  return state === 'open' ? 'reopened' : state;
}

function acknowledgements(chain: readonly KeptAlert[], zone: string, asOf: number): EvidenceEvent[] {
  return chain.flatMap(({ acknowledged }) => {
    if (acknowledged === undefined || acknowledged.at > asOf) return [];
    const { alert, at, by, note } = acknowledged;
    return [{ at: isoInZone(at, zone), what: 'acknowledged', alert, by, detail: { note: note ?? null } }];
  });
}

/** What moves an alert without anything that was told having been wrong. */
const causesOfTime: ReadonlySet<Alert['cause']> = new Set(['readings', 'clock']);

function restatements(revisions: readonly Alert[], zone: string): EvidenceRestatement[] {
  const latest = new Map<string, Alert>();
  return revisions.flatMap((after) => {
    const before = latest.get(after.id);
    latest.set(after.id, after);
    if (before === undefined || causesOfTime.has(after.cause)) return [];
    return [
      {
        at: isoInZone(after.changedAt, zone),
        alert: after.id,
        cause: after.cause,
        before: numbersOf(before, zone),
        after: numbersOf(after, zone),
      },
    ];
  });
}

function numbersOf({ state, since, knownUntil, windows, peak }: Alert, zone: string): RestatedNumbers {
  return {
    state,
    since: isoInZone(since, zone),
    knownUntil: isoInZone(knownUntil, zone),
    windows,
    peakMean: peak.mean,
  };
}

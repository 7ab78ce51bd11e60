import { dateIn, monthAfter, windowAt, type Baseline } from '@songma/domain';
import { computeSavings, fitBaseline, savingFact, type SavingFact } from '@songma/indicators';
import type { Registry } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
import { entitiesOf } from '../registry/entities.ts';
import {
  adjustmentsOf,
  meterSpans,
  periodsOf,
  periodsSpan,
  readPeriods,
  uncheckedScope,
  valuerAt,
} from '../savings/savings-inputs.ts';
import { HeldWindows, windowsOf, type BaselineScope, type DateSpan } from '../savings/baseline-scope.ts';
import { matchPeriods } from '../savings/matched-periods.ts';
import { readLives } from '../savings/period-lives.ts';
import { instantOf } from '../answers/spans.ts';
import { type MeterSpan, requireBounded, windowsIn } from '../series/query.ts';
import type { Moment } from './moment.ts';

/** Windows of meters that one answer about many enterprises may read; with `asOf` hours. */
const programmeWindowsMax = 1_000_000;
/** Windows, and baselines, that one query of the store asks for: what is in memory at a time. */
const windowsPerQuery = 20_000;
const baselinesPerQuery = 64;

interface Question {
  readonly scope: BaselineScope;
  /** On which the baseline is fitted, and the twelve months that are judged. */
  readonly base: DateSpan;
  readonly year: DateSpan;
  readonly spans: readonly MeterSpan[];
}

/**
 * What each baseline tells of the twelve months that end with the last month before the moment, by its id: what
 * `GET /v1/savings` tells of it. Baselines are read together, {@link baselinesPerQuery} in one query of the store; where
 * something of a period is missing the time that its meters have in common is found by the hour, one after the other.
 * @throws HttpProblem `span_too_long`
 */
export async function savingFacts(
  { registry, seriesStore }: { readonly registry: Registry; readonly seriesStore: SeriesStore },
  baselines: readonly Baseline[],
  { over, asOf }: Moment,
): Promise<ReadonlyMap<string, SavingFact>> {
  const facts = new Map<string, SavingFact>();
  const questions: Question[] = [];
  const valuer = valuerAt(registry, asOf?.ms);
  const entities = entitiesOf(registry, asOf?.ms);
  for (const baseline of baselines) {
    const scope = uncheckedScope(baseline, entities, valuer);
    if (scope.meters.unconvertible.length === 0) questions.push(questionOf(scope, over, registry, asOf?.us));
    else {
      const code = 'meters-unconvertible';
      facts.set(baseline.id, { missing: { code, parameters: { baseline: baseline.id } } });
    }
  }
  for (const [period, ofKind] of Map.groupBy(questions, ({ scope }) => scope.baseline.period)) {
    const all = ofKind.flatMap(({ spans }) => spans);
    requireBounded({ window: period, asOf: asOf?.text }, all, programmeWindowsMax);
    for (const batch of batchesOf(ofKind)) {
      const together = asOf === undefined ? await readTogether(seriesStore, batch) : undefined;
      const asked = batch.flatMap(({ scope, base, year }) => [base, year].map((dates) => ({ scope, dates })));
      const lives = together && (await readLives(seriesStore, asked, together));
      for (const { scope, base, year } of batch) {
        const { baseline } = scope;
        const read = async (dates: DateSpan) => {
          if (together === undefined) return readPeriods(seriesStore, registry, scope, dates, asOf);
          const spans = meterSpans(scope, dates, registry);
          const query = { store: seriesStore, scope, spans, asOfUs: undefined, lives: lives! };
          const matched = await matchPeriods(query, windowsOf(scope, dates), together);
          return periodsOf(query, dates, together, matched);
        };
        const fitted = fitBaseline(baseline, await read(base));
        const span = {
          start: instantOf(baseline.from, scope.zone),
          end: instantOf(baseline.to, scope.zone),
        };
        const savings = computeSavings(fitted, baseline, span, await read(year), adjustmentsOf(scope));
        facts.set(baseline.id, savingFact(baseline, fitted, savings));
      }
    }
  }
  return facts;
}

function questionOf(scope: BaselineScope, over: number, registry: Registry, asOfUs?: number): Question {
  const { baseline, zone } = scope;
  const end = windowAt('P1M', over, zone).start;
  const year = { from: dateIn(zone, monthAfter(end, -12, zone).start), to: dateIn(zone, end) };
  const base = periodsSpan(scope, instantOf(baseline.from, zone), instantOf(baseline.to, zone), over);
  const spans = [base, year].flatMap((dates) => meterSpans(scope, dates, registry, asOfUs));
  return { scope, base, year, spans };
}

/** In order, each of at least one question and within the bounds of a query. */
function* batchesOf(questions: readonly Question[]): Generator<readonly Question[]> {
  let batch: Question[] = [];
  let windows = 0;
  for (const question of questions) {
    const more = windowsIn({ window: question.scope.baseline.period }, question.spans);
    if (batch.length === baselinesPerQuery || (batch.length > 0 && windows + more > windowsPerQuery)) {
      yield batch;
      [batch, windows] = [[], 0];
    }
    batch.push(question);
    windows += more;
  }
  if (batch.length > 0) yield batch;
}

/** The stored windows of everything that questions of one kind stand on. */
async function readTogether(store: SeriesStore, questions: readonly Question[]): Promise<HeldWindows> {
  const spans = questions.flatMap((question) => question.spans);
  const contexts = new Map(spans.map(({ context }) => [context.meter.id, context]));
  const together = Map.groupBy(spans, ({ context: { site }, from, to }) => `${site.id}/${from}/${to}`);
  const ranges = [...together.values()].map((group) => {
    const [{ context, from, to }] = group as [MeterSpan];
    const meters = [...new Set(group.map((span) => span.context.meter.id))];
    return { site: context.site.id, meters, from, to };
  });
  const rollups = await store.rollups({ ranges, window: questions[0]!.scope.baseline.period });
  const held = new HeldWindows();
  for (const rollup of rollups) held.add(contexts.get(rollup.meter)!, [rollup]);
  return held;
}

import { dateIn, idSchema, type Baseline } from '@songma/domain';
import {
  baselineUnit,
  computeSavings,
  fitBaseline,
  judgeTargets,
  judgeYears,
  secNorm,
  type Savings,
} from '@songma/indicators';
import type { Versioned } from '@songma/registry';
import type { HttpApp } from '@songma/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { mayKnow, ownerOfBaseline, readers } from '../access.ts';
import { isoInZoneUs, parseIsoUs } from '../iso-time.ts';
import { problem } from '../problems.ts';
import { boundedTimeSchema, described, documented, type RoutesDeps } from '../routes.ts';
import { sendWhole } from '../answers/answer.ts';
import { formOf, formQuery, inEveryFormat } from '../answers/formats.ts';
import { instantOf, spanEdgeSchema } from '../answers/spans.ts';
import { adjustmentsOf, baselineScope, periodsSpan, readPeriods } from './savings-inputs.ts';
import type { BaselineScope } from './baseline-scope.ts';
import {
  changePointWire,
  modelWire,
  normWire,
  savingColumns,
  savingRow,
  savingRowSchema,
  savingsSchema,
  targetWire,
  type SavingRow,
  type SavingsWire,
} from './savings-wire.ts';

const querySchema = z.strictObject({
  baseline: idSchema.meta({ examples: ['lam-son-power-2025'] }),
  from: spanEdgeSchema.optional().meta({
    description:
      'Inclusive; the end of the baseline unless told. Earlier periods are shown, and are in no total.',
  }),
  to: spanEdgeSchema.optional().meta({ description: 'Exclusive; now unless told.' }),
  asOf: boundedTimeSchema.optional().meta({
    description: 'Answer from the readings, and the baseline with its adjustments, that were known then.',
  }),
  ...formQuery,
});

/** `GET /v1/savings`: what was used against what a baseline expects, computed for this answer. */
export function addSavingsRoutes(app: HttpApp, { registry, seriesStore, gate, now }: RoutesDeps): void {
  const text = described({
    tag: 'indicators',
    roles: readers,
    anonymous: true,
    summary: 'Savings against a baseline',
    description:
      'The model with its statistics and every criterion of its acceptance, then day by day or month by month what ' +
      'was used, what was expected and their running difference (CUSUM), with totals, target bands and, where the ' +
      'baseline names one, the norm of specific energy consumption. Only periods that are over are told. A ' +
      'regression that fails a criterion gives way to the ratio. As JSON, or the items alone as CSV, NDJSON, Parquet or XLSX.',
    problems: [
      'not_found',
      'span_invalid',
      'span_too_long',
      'not_acceptable',
      'baseline_meters_unconvertible',
    ],
  });
  app.get(
    '/v1/savings',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: querySchema,
        response: {
          200: {
            description: 'The savings; The other formats hold the items alone.',
            content: inEveryFormat(savingsSchema, savingRowSchema),
          },
          ...text.problems,
        },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const form = formOf(query, request.headers.accept);
      const asOf = query.asOf === undefined ? undefined : { text: query.asOf, us: parseIsoUs(query.asOf) };
      const at = asOf === undefined ? now() : Math.floor(asOf.us / 1000);
      const found =
        asOf === undefined
          ? registry.get('baseline', query.baseline)
          : registry.getAsOf('baseline', query.baseline, at);
      if (found === undefined || !mayKnow(gate.reader(request), ownerOfBaseline(found.body))) {
        throw problem('not_found', { kind: 'baseline', id: query.baseline });
      }
      const baseline = found.body;
      const scope = baselineScope(baseline, registry, asOf === undefined ? undefined : at);
      const { zone } = scope;
      const from = instantOf(query.from ?? baseline.to, zone);
      const to = query.to === undefined ? now() : instantOf(query.to, zone);
      if (from >= to) throw problem('span_invalid');

      const span = { start: instantOf(baseline.from, zone), end: instantOf(baseline.to, zone) };
      const periodsOf = (start: number, end: number) =>
        readPeriods(seriesStore, registry, scope, periodsSpan(scope, start, end, at), asOf);
      const fitted = fitBaseline(baseline, await periodsOf(span.start, span.end));
      const reported = await periodsOf(from, to);
      const savings = computeSavings(fitted, baseline, span, reported, adjustmentsOf(scope));
      const items = savings.periods.map((period) => savingRow(period, zone));

      const whole: SavingsWire = {
        ...headOf(found, scope),
        asOf: asOf === undefined ? null : isoInZoneUs(asOf.us, zone),
        model: modelWire(fitted, zone),
        totals: savings.totals,
        changePoint: changePointWire(savings.changePoint, zone),
        ...judgements(baseline, savings, zone, at),
        items,
      };
      const table = { columns: savingColumns, items, cellsOf: (row: SavingRow) => row };
      return sendWhole(request, reply as FastifyReply, form, whole, table);
    },
  );
}

function headOf({ version, body }: Versioned<Baseline>, { meters, zone, valuer }: BaselineScope) {
  const { meters: _boundary, acceptance: _bounds, norm: _norm, unit: _unit, site = null, ...facts } = body;
  return {
    baseline: { ...facts, site, version },
    unit: baselineUnit(body),
    productionUnit: body.productionUnit,
    timeZone: zone,
    meters: {
      resource: meters.resource.map(({ meter }) => meter.id),
      production: meters.production.map(({ meter }) => meter.id),
    },
    factors: valuer.factors,
  };
}

/** Against the target bands in force at the end of what is told, and against the norm of each year. */
function judgements(
  baseline: Baseline,
  { periods, totals }: Savings,
  zone: string,
  at: number,
): Pick<SavingsWire, 'targets' | 'norm'> {
  const end = periods.at(-1)?.end ?? at;
  const targets = judgeTargets(totals.savingShare, baseline.resource, dateIn(zone, end - 1));
  const norm = baseline.norm === undefined ? undefined : secNorm(baseline.norm);
  const unit = `${baselineUnit(baseline)}/${baseline.productionUnit}`;
  return {
    targets: targets.map(targetWire),
    norm:
      norm === undefined
        ? null
        : normWire(
            norm,
            judgeYears(norm, periods, unit, (time) => dateIn(zone, time).slice(0, 4)),
          ),
  };
}

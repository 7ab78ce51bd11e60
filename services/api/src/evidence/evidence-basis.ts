import { gasBasisOf, isDerived, type Limit, type Meter, type OperatingSignal } from '@songma/domain';
import { judgedLimitOnMeter } from '@songma/limits';
import type { MeterContext, Registry, Versioned } from '@songma/registry';
import { problem } from '../problems.ts';
import type { MeterSpan } from '../series/query.ts';
import { derivedInputs, meterAsOf, meterAt } from '../series/meter-as-of.ts';

type Facts = Pick<Registry, 'get' | 'getAsOf' | 'meter' | 'metersOfSite' | 'listAsOf'>;

/** What the verdicts of a limit rest on, as it was registered at a time. */
export interface EvidenceBasis {
  readonly context: MeterContext;
  /** The meter and, of a derived one, all that it is made of, by id. */
  readonly inputs: ReadonlyMap<string, Meter> | undefined;
  readonly registeredLimit: Versioned<Limit>;
  /** With its numbers in the meter's unit. */
  readonly limit: Limit;
  readonly signal: { readonly of: OperatingSignal; readonly context: MeterContext } | undefined;
}

/**
 * @param asOf epoch milliseconds
 * @throws HttpProblem `not_found` where meter or limit are not registered any more and never were by then
 */
export function evidenceBasis(
  registry: Facts,
  { meter: meterId, limit: limitId }: { readonly meter: string; readonly limit: string },
  asOf: number,
): EvidenceBasis {
  const context = meterAsOf(registry, meterId, asOf);
  if (context === undefined) throw problem('not_found', { kind: 'meter', id: meterId });
  const registeredLimit = registry.getAsOf('limit', limitId, asOf) ?? registry.get('limit', limitId);
  if (registeredLimit === undefined) throw problem('not_found', { kind: 'limit', id: limitId });
  const { meter } = context;
  const basis = gasBasisOf(meter, (id) => meterAt(registry, id, asOf));
  const measured = { ...('problem' in basis ? {} : basis), unit: meter.unit };
  const judged = judgedLimitOnMeter(registeredLimit.body, measured);
  const source = meter.source === undefined ? undefined : registry.getAsOf('source', meter.source, asOf);
  const operating = source?.body.operating;
  const signalContext = operating && meterAsOf(registry, operating.meter, asOf);
  return {
    context,
    inputs: derivedInputs(registry, meter, asOf).inputs,
    registeredLimit,
    limit: 'refusal' in judged ? registeredLimit.body : judged,
    signal:
      operating === undefined || signalContext === undefined
        ? undefined
        : { of: operating, context: signalContext },
  };
}

/** A meter in a time, with what it is made of. */
export function spanOfMeter(
  registry: Facts,
  context: MeterContext,
  { from, to, asOf }: { readonly from: number; readonly to: number; readonly asOf: number },
): MeterSpan {
  return { context, from, to, ...derivedInputs(registry, context.meter, asOf) };
}

/** The meters with readings of their own that a meter is made of: itself, unless it is derived. */
export function leavesOfMeter({ context, inputs }: Pick<EvidenceBasis, 'context' | 'inputs'>): Meter[] {
  if (inputs === undefined) return [context.meter];
  return [...inputs.values()].filter((meter) => !isDerived(meter)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

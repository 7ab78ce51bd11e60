import type { Meter } from '@songma/domain';
import type { Problem } from './registry.ts';
import type { RegisteredFacts } from './registry-view.ts';

const isoOf = (time: number): string => new Date(time).toISOString();

/** Why a meter's life cannot be as it says, or cannot follow, or be followed by, that of another. */
export function lifeProblems(
  meter: Meter,
  former: Meter | undefined,
  registered: RegisteredFacts,
): Problem[] {
  const { id, from, to, follows } = meter;
  const problems: Problem[] = [];
  if (from !== undefined && to !== undefined && to <= from) {
    problems.push({ path: 'to', problem: 'lies not after from: the meter would never be there' });
  }
  if (follows !== undefined) problems.push(...followingProblems(meter, follows, registered));
  // Nobody follows what was never registered.
  if (former === undefined) return problems;
  const successor = registered.metersOfSite(meter.site).find((other) => other.follows === id);
  if (successor === undefined) return problems;
  const begins = successor.from!;
  if (to === undefined || to > begins) {
    const problem =
      `meter "${successor.id}" follows it since ${isoOf(begins)}: let it end by then, ` +
      `or change "from" of "${successor.id}" first`;
    problems.push({ path: 'to', problem });
  }
  return problems;
}

function followingProblems(
  { id, site, quantity, from }: Meter,
  follows: string,
  registered: RegisteredFacts,
): Problem[] {
  const problem = (text: string): Problem[] => [{ path: 'follows', problem: text }];
  if (follows === id) return problem('a meter does not follow itself: name the one that it replaced');
  const former = registered.get('meter', follows)?.body;
  if (former === undefined) return [];
  if (former.site !== site) {
    return problem(`meter "${follows}" is at site "${former.site}": a flow is measured at one site`);
  }
  if (former.quantity !== quantity) {
    return problem(`meter "${follows}" measures ${former.quantity} and this one ${quantity}: not one flow`);
  }
  const other = registered.metersOfSite(site).find((one) => one.id !== id && one.follows === follows);
  if (other !== undefined) return problem(`meter "${other.id}" follows "${follows}" already`);
  if (from === undefined) {
    return [{ path: 'from', problem: `tell since when it follows "${follows}"` }];
  }
  if (former.to === undefined) {
    return problem(`meter "${follows}" has no end: tell its "to" first, then what follows it`);
  }
  if (former.to > from) {
    return [
      {
        path: 'from',
        problem: `lies before the end of meter "${follows}", ${isoOf(former.to)}: amounts would count twice`,
      },
    ];
  }
  return [];
}

import { gridVn } from './grid-vn.ts';
import { gwp } from './gwp.ts';
import { gwpRefrigerants } from './gwp-refrigerants.ts';
import { ipcc2006 } from './ipcc-2006.ts';
import type { FactorPack } from './pack.ts';
import { toe3505 } from './toe-3505.ts';

/** Every pack that is delivered: the api registers their factors, and from then on the registry's are used. */
export const factorPacks: readonly FactorPack[] = [toe3505, ipcc2006, gwp, gwpRefrigerants, gridVn];

import {
  assuranceOf,
  unitConversion,
  type Gas,
  type GwpSet,
  type Meter,
  type UsedFactor,
} from '@songma/domain';
import type { Valuation } from './definitions.ts';
import type { FactorBook, FactorSubject, FoundFactor } from './factor-book.ts';

/** What one meter told of a time that lies within one calendar year. */
export interface MeteredAmount {
  /** In the meter's unit. */
  readonly amount: number;
  readonly meter: Pick<Meter, 'quantity' | 'unit' | 'carrier' | 'calorific'>;
  /** At its site, on which the time begins. */
  readonly date: string;
}

export interface Valued {
  /** In the unit of the sum. */
  readonly amount: number;
  /** kg; undefined where no biomass was burnt. */
  readonly biogenicCo2?: number;
}

/** The carrier of electricity that names none. */
export const gridCarrier = 'grid';

const gases: readonly Gas[] = ['CO2', 'CH4', 'N2O'];

/** Values the amounts of one indicator, and remembers with which factors. */
export class Valuer {
  readonly #book: FactorBook;
  readonly #gwpSet: GwpSet;
  readonly #used = new Map<string, UsedFactor>();
  #usesGwp = false;

  constructor(book: FactorBook, gwpSet: GwpSet) {
    this.#book = book;
    this.#gwpSet = gwpSet;
  }

  /** In ascending id. */
  get factors(): UsedFactor[] {
    return [...this.#used.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The set of global warming potentials, if one was used. */
  get gwpSet(): GwpSet | undefined {
    return this.#usesGwp ? this.#gwpSet : undefined;
  }

  /** The amount in `unit`; undefined when a factor for it is missing. */
  value(valuation: Valuation, metered: MeteredAmount, unit: string): Valued | undefined {
    switch (valuation) {
      case 'amount':
        return whenKnown(converted(metered.amount, metered.meter.unit, unit));
      case 'final-energy':
        return whenKnown(this.#energy(metered, unit));
      case 'oil-equivalent':
        return whenKnown(this.#oilEquivalent(metered, unit));
      case 'combustion':
        return this.#combustion(metered, unit);
      case 'supply':
        return whenKnown(this.#supply(metered, unit));
      case 'warming':
        return whenKnown(this.#warming(metered, unit));
    }
  }

  /**
   * What is metered as energy (electricity, gas or heat in GJ) is taken so, of a fuel its net energy; everything else by
   * its net calorific value, or what is net of its gross one.
   */
  #energy(metered: MeteredAmount, unit: string): number | undefined {
    if (isEnergy(metered.meter.unit)) {
      const net = this.#net(metered);
      return net && converted(net.amount, net.meter.unit, unit);
    }
    const net = this.#byFactor('ncv', metered, unit);
    if (net !== undefined) return net;
    const gross = this.#byFactor('gcv', metered, unit);
    return gross === undefined ? undefined : this.#netOfGross(gross, metered);
  }

  #oilEquivalent(metered: MeteredAmount, unit: string): number | undefined {
    const net = isEnergy(metered.meter.unit) ? this.#net(metered) : metered;
    return net && this.#byFactor('toe', net, unit);
  }

  /** Of what is metered as energy the net one; undefined where a gas does not say which it is. */
  #net(metered: MeteredAmount): MeteredAmount | undefined {
    const { meter, amount } = metered;
    if (statesNoBasis(meter)) return undefined;
    if (meter.quantity !== 'fuel' || meter.calorific !== 'gross') return metered;
    const net = this.#netOfGross(amount, metered);
    return net === undefined ? undefined : { ...metered, amount: net };
  }

  #netOfGross(gross: number, { meter: { carrier }, date }: MeteredAmount): number | undefined {
    const [share] = this.#book.find('net-of-gross', { carrier }, date);
    const net = share && applied(share, gross, 'MJ', 'MJ');
    if (share !== undefined && net !== undefined) this.#use(share);
    return net;
  }

  #combustion(metered: MeteredAmount, unit: string): Valued | undefined {
    const { carrier } = metered.meter;
    const energyTj = this.#energy(metered, 'TJ');
    if (energyTj === undefined || carrier === undefined) return undefined;
    let amount = 0;
    let biogenicCo2: number | undefined;
    for (const gas of gases) {
      const [emission] = this.#book.find('emission', { carrier, gas }, metered.date);
      const emittedKg = emission === undefined ? undefined : applied(emission, energyTj, 'TJ', 'kg');
      if (emission === undefined || emittedKg === undefined) return undefined;
      this.#use(emission);
      if (emission.factor.biogenic === true) {
        biogenicCo2 = emittedKg;
        continue;
      }
      const [potential] = this.#potentials({ gas }, metered.date);
      const equivalents = potential === undefined ? undefined : applied(potential, emittedKg, 'kg', unit);
      if (potential === undefined || equivalents === undefined) return undefined;
      this.#use(potential);
      this.#usesGwp = true;
      amount += equivalents;
    }
    return biogenicCo2 === undefined ? { amount } : { amount, biogenicCo2 };
  }

  /**
   * Electricity of the grid by the factor of the year, all else by the factor of its supplier: none is ever guessed. A
   * factor that counts CO2 alone: a kg of it is a kg of CO2 equivalents in every set.
   */
  #supply({ amount: metered, meter, date }: MeteredAmount, unit: string): number | undefined {
    const { quantity, carrier = gridCarrier } = meter;
    const isOfGrid = quantity === 'electricity' && carrier === gridCarrier;
    const found = isOfGrid ? this.#book.find('grid', {}, date) : this.#book.find('supply', { carrier }, date);
    for (const one of found) {
      const asPublished = one.factor.unit.endsWith('CO2') ? unit.replace('CO2e', 'CO2') : unit;
      const amount = applied(one, metered, meter.unit, asPublished);
      if (amount === undefined) continue;
      this.#use(one);
      return amount;
    }
    return undefined;
  }

  #warming({ amount: metered, meter, date }: MeteredAmount, unit: string): number | undefined {
    const [potential] = this.#potentials({ carrier: meter.carrier }, date);
    const amount = potential && applied(potential, metered, meter.unit, unit);
    if (potential === undefined || amount === undefined) return undefined;
    this.#use(potential);
    this.#usesGwp = true;
    return amount;
  }

  #potentials(of: FactorSubject, date: string): FoundFactor[] {
    return this.#book.find('gwp', { ...of, gwpSet: this.#gwpSet }, date);
  }

  /** By the carrier's factor for the metered unit, or for what the carrier's density makes of it. */
  #byFactor(kind: 'ncv' | 'gcv' | 'toe', metered: MeteredAmount, unit: string): number | undefined {
    const { meter, date } = metered;
    const carrier = meter.quantity === 'electricity' ? 'electricity' : meter.carrier;
    if (carrier === undefined) return undefined;
    const factors = this.#book.find(kind, { carrier }, date);
    for (const found of factors) {
      const amount = applied(found, metered.amount, meter.unit, unit);
      if (amount === undefined) continue;
      this.#use(found);
      return amount;
    }
    for (const density of this.#book.find('density', { carrier }, date)) {
      const massKg = applied(density, metered.amount, meter.unit, 'kg');
      if (massKg === undefined) continue;
      for (const found of factors) {
        const amount = applied(found, massKg, 'kg', unit);
        if (amount === undefined) continue;
        this.#use(density);
        this.#use(found);
        return amount;
      }
    }
    return undefined;
  }

  #use({ factor: { id, source }, version, provisional: isProvisional }: FoundFactor): void {
    const before = this.#used.get(id);
    // Twelve months may use one factor for its own year and, provisionally, for the next.
    const provisional = isProvisional || before?.provisional === true;
    const assurance = assuranceOf(source);
    this.#used.set(id, { id, version, verified: source.verified, assurance, provisional });
  }
}

/** Carriers that are gases: their gross calorific value is some 11 % above the net one. */
const gasCarriers: ReadonlySet<string> = new Set([
  'natural-gas',
  'lng',
  'cng',
  'lpg',
  'biogas',
  'coke-oven-gas',
]);

/** Whether it is a gas metered as energy that does not say whether that is gross or net. */
export function statesNoBasis({ quantity, unit, carrier, calorific }: MeteredAmount['meter']): boolean {
  return quantity === 'fuel' && calorific === undefined && isEnergy(unit) && gasCarriers.has(carrier ?? '');
}

function isEnergy(unit: string): boolean {
  return !('problem' in unitConversion(unit, 'MJ'));
}

/** What the factor makes of an amount, in `unit`; undefined when it is for another unit, or gives another. */
function applied({ factor }: FoundFactor, amount: number, from: string, unit: string): number | undefined {
  const basis = converted(amount, from, factor.per);
  return basis === undefined ? undefined : converted(basis * factor.value, factor.unit, unit);
}

function converted(amount: number, from: string, to: string): number | undefined {
  // Oil equivalents are no unit of UCUM.
  if (from === to) return amount;
  const conversion = unitConversion(from, to);
  return 'problem' in conversion ? undefined : amount * conversion.factor;
}

function whenKnown(amount: number | undefined): Valued | undefined {
  return amount === undefined ? undefined : { amount };
}

import { unitConversion, type Gas, type GwpSet, type Meter, type UsedFactor } from '@songma/domain';
import type { Valuation } from './definitions.ts';
import type { FactorBook, FactorSubject, FoundFactor } from './factor-book.ts';

/** What one meter told of a time that lies within one calendar year. */
export interface MeteredAmount {
  /** In the meter's unit. */
  readonly amount: number;
  readonly meter: Pick<Meter, 'quantity' | 'unit' | 'carrier'>;
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
        return whenKnown(this.#byFactor('toe', metered, unit));
      case 'combustion':
        return this.#combustion(metered, unit);
      case 'supply':
        return whenKnown(this.#supply(metered, unit));
      case 'warming':
        return whenKnown(this.#warming(metered, unit));
    }
  }

  /** What is metered as energy (electricity, gas or heat in GJ) is taken so; everything else by its calorific value. */
  #energy(metered: MeteredAmount, unit: string): number | undefined {
    return converted(metered.amount, metered.meter.unit, unit) ?? this.#byFactor('ncv', metered, unit);
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
  #byFactor(kind: 'ncv' | 'toe', metered: MeteredAmount, unit: string): number | undefined {
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
    this.#used.set(id, { id, version, verified: source.verified, provisional });
  }
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

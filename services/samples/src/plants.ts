import type { Enterprise, Factor, Limit, Meter, Site, Source } from '@songma/domain';
import { quarterMs, type Episode } from './level-facts.ts';
import { plantFacts, type PlantFacts } from './plant-facts.ts';
import type { Signal } from './signal.ts';

/** Made up for the samples: calorific values of coals that no document gives, as a laboratory would report them. */
const laboratoryMjPerKg: Readonly<Record<string, number>> = { 'coal-cam-3-4': 25.1, 'coal-cam-5-6': 20.9 };

export interface SampleMeter {
  readonly meter: Meter;
  readonly signal: Signal;
  readonly episodes: readonly Episode[];
}

/** An invented plant with everything that it registers and measures. */
export interface SamplePlant {
  readonly enterprise: Enterprise;
  readonly site: Site;
  readonly sources: readonly Source[];
  readonly meters: readonly SampleMeter[];
  /** Computed from the others. */
  readonly derived: readonly Meter[];
  readonly limits: readonly Limit[];
  /** What its suppliers say of what it buys. */
  readonly factors: readonly Factor[];
}

/** The six sample plants: cement, steel, paper, beer, seafood and sugar, with meters of all three kinds. */
export const samplePlants: readonly SamplePlant[] = plantFacts.map(toPlant);

/** Of an interval meter, in its unit. */
type Rate = Readonly<Record<'perHour' | 'seed', number>>;

function toPlant(plant: PlantFacts, index: number): SamplePlant {
  const enterprise: Enterprise = {
    id: plant.id,
    name: plant.name,
    nameEn: plant.nameEn,
    sector: plant.sector,
    size: 'medium',
    ...(plant.alsoMakes === undefined ? {} : { allocation: plant.alsoMakes.allocation }),
  };
  const site: Site = {
    id: `${plant.id}-1`,
    enterprise: plant.id,
    name: `Nhà máy ${plant.name}`,
    province: 'Thanh Hóa',
    ward: plant.ward,
    timeZone: 'Asia/Ho_Chi_Minh',
  };
  const source: Source = {
    id: `${plant.id}-${plant.source.kind}`,
    site: site.id,
    name: plant.source.name,
    kind: plant.source.kind,
    station: plant.source.station,
  };
  const time = { zone: 'Asia/Ho_Chi_Minh', stamp: 'opens', midnight: 'begins-day' } as const;
  const seed = 100 * (index + 1);
  const shifts = { dailySwing: plant.shifts, noise: 0.06 };
  const { alsoMakes } = plant;
  const kwhPerHour =
    plant.tonnesPerHour * plant.kwhPerTonne +
    (alsoMakes === undefined ? 0 : alsoMakes.tonnesPerHour * alsoMakes.kwhPerTonne);
  const base = { site: site.id, multiplier: 1, time };
  const amounts: SampleMeter[] = [
    {
      meter: {
        ...base,
        id: `${plant.id}-electricity`,
        name: 'Điện năng, trạm chính',
        quantity: 'electricity',
        kind: 'counter',
        unit: 'kW.h',
        intervalMs: quarterMs,
      },
      signal: { shape: 'counter', perHour: kwhPerHour, decimals: 1, seed: seed + 1, ...shifts },
      episodes: [],
    },
    {
      meter: {
        ...base,
        id: `${plant.id}-production`,
        name: `Sản lượng: ${plant.product}`,
        quantity: 'production',
        kind: 'interval',
        unit: 't',
        intervalMs: quarterMs,
        product: plant.product,
      },
      signal: { shape: 'interval', perHour: plant.tonnesPerHour, decimals: 3, seed: seed + 2, ...shifts },
      episodes: [],
    },
    {
      meter: {
        ...base,
        id: `${plant.id}-water`,
        name: 'Nước cấp',
        quantity: 'water',
        kind: 'counter',
        unit: 'm3',
        intervalMs: quarterMs,
      },
      signal: {
        shape: 'counter',
        perHour: plant.tonnesPerHour * plant.waterPerTonne,
        decimals: 2,
        seed: seed + 3,
        ...shifts,
      },
      episodes: [],
    },
  ];
  const addInterval = (
    meter: Pick<Meter, 'id' | 'name' | 'quantity' | 'unit'> & Partial<Meter>,
    rate: Rate,
  ) =>
    amounts.push({
      meter: { ...base, kind: 'interval', intervalMs: quarterMs, ...meter },
      signal: { shape: 'interval', decimals: 3, ...rate, ...shifts },
      episodes: [],
    });
  if (plant.fuel !== undefined) {
    const { carrier, name, perTonne } = plant.fuel;
    addInterval(
      { id: `${plant.id}-fuel`, name, quantity: 'fuel', unit: 't', carrier },
      { perHour: plant.tonnesPerHour * perTonne, seed: seed + 4 },
    );
  }
  if (alsoMakes !== undefined) {
    const { product, tonnesPerHour: perHour } = alsoMakes;
    const id = `${plant.id}-production-2`;
    addInterval(
      { id, name: `Sản lượng: ${product}`, quantity: 'production', unit: 't', product },
      { perHour, seed: seed + 5 },
    );
  }
  if (plant.emits !== undefined) {
    const { substance, name, kgPerTonne } = plant.emits;
    addInterval(
      { id: `${plant.id}-load`, source: source.id, name, quantity: 'pollutant', unit: 'kg', substance },
      { perHour: plant.tonnesPerHour * kgPerTonne, seed: seed + 6 },
    );
  }
  if (plant.buys !== undefined) {
    const { carrier, name, gjPerTonne } = plant.buys;
    addInterval(
      { id: `${plant.id}-steam`, name, quantity: 'heat', unit: 'GJ', carrier },
      { perHour: plant.tonnesPerHour * gjPerTonne, seed: seed + 7 },
    );
  }
  const levels: SampleMeter[] = plant.levels.map((level, at) => ({
    meter: {
      ...base,
      id: `${plant.id}-${level.id}`,
      source: source.id,
      name: level.name,
      quantity: level.quantity,
      kind: 'level',
      unit: level.unit,
      intervalMs: level.intervalMs,
      validRange: level.range,
      symbol: level.symbol,
    },
    signal: {
      shape: 'level',
      mean: level.mean,
      decimals: 2,
      seed: seed + 10 + at,
      dailySwing: level.swing,
      noise: level.noise,
    },
    episodes: level.episodes ?? [],
  }));
  const limits: Limit[] = plant.levels.flatMap(({ id, symbol, unit, limit }) => {
    if (limit === undefined) return [];
    const { averagings = ['PT1H'], document, factors = {}, ...bounds } = limit;
    return averagings.map((averaging) => ({
      id: `${plant.id}-${id}-limit${averaging === 'PT1H' ? '' : '-day'}`,
      meter: `${plant.id}-${id}`,
      parameter: symbol,
      averaging,
      unit,
      ...bounds,
      factors,
      validShareMin: 0.75,
      // Known from the legal text, not compared with it again.
      source: { document, verified: false },
      validFrom: Date.UTC(2015, 0, 1),
      validTo: Date.UTC(2032, 0, 1),
    }));
  });
  const derived = (plant.derived ?? []).map(({ id, of, ...meter }): Meter => ({
    ...base,
    ...meter,
    id: `${plant.id}-${id}`,
    source: source.id,
    inputs: Object.fromEntries(of.map((input) => [input, `${plant.id}-${input}`])),
  }));
  const factors = [
    ...(plant.buys === undefined ? [] : [supplyFactor(plant.buys)]),
    ...calorificFactors(plant),
  ];
  return { enterprise, site, sources: [source], meters: [...amounts, ...levels], derived, limits, factors };
}

function calorificFactors({ fuel }: PlantFacts): Factor[] {
  const value = fuel === undefined ? undefined : laboratoryMjPerKg[fuel.carrier];
  if (fuel === undefined || value === undefined) return [];
  return [
    {
      id: `${fuel.carrier}-ncv`,
      name: `${fuel.name}: NCV`,
      kind: 'ncv',
      carrier: fuel.carrier,
      value,
      unit: 'MJ',
      per: 'kg',
      source: { document: 'Phiếu kiểm nghiệm than (mẫu)', verified: false, assurance: 'memory' },
    },
  ];
}

function supplyFactor({ carrier, name, kgCo2ePerGj }: NonNullable<PlantFacts['buys']>): Factor {
  return {
    id: `${carrier}-supply`,
    name,
    kind: 'supply',
    carrier,
    value: kgCo2ePerGj,
    unit: 'kgCO2e',
    per: 'GJ',
    source: { document: 'Hồ sơ của nhà cung cấp hơi (mẫu)', verified: false },
  };
}

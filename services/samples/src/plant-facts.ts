import type { Allocation } from '@songma/domain';
import {
  effluentCod,
  effluentPh,
  minuteMs,
  quarterMs,
  stackLevel,
  type DerivedFacts,
  type LevelFacts,
} from './level-facts.ts';

/** What is particular to a plant. */
export interface PlantFacts {
  readonly id: string;
  readonly name: string;
  readonly nameEn: string;
  readonly sector: string;
  readonly ward: string;
  readonly product: string;
  /** Mean tonnes an hour, kWh a tonne, m³ of water a tonne. */
  readonly tonnesPerHour: number;
  readonly kwhPerTonne: number;
  readonly waterPerTonne: number;
  /** What it burns, tonnes for a tonne of product. */
  readonly fuel?: { readonly carrier: string; readonly name: string; readonly perTonne: number };
  /** What it makes beside the product, tonnes an hour and kWh a tonne, and what both count in equivalent production. */
  readonly alsoMakes?: {
    readonly product: string;
    readonly tonnesPerHour: number;
    readonly kwhPerTonne: number;
    readonly allocation: Allocation;
  };
  /** Mass of a pollutant that its stack emits, kg for a tonne of product. */
  readonly emits?: { readonly substance: string; readonly name: string; readonly kgPerTonne: number };
  /** Heat that it buys, GJ for a tonne of product, and what its supplier says of a GJ in kg of CO2 equivalents. */
  readonly buys?: {
    readonly carrier: string;
    readonly name: string;
    readonly gjPerTonne: number;
    readonly kgCo2ePerGj: number;
  };
  /** Share by which the day's shifts move production. */
  readonly shifts: number;
  readonly source: { readonly kind: 'stack' | 'outfall'; readonly name: string; readonly station: string };
  readonly levels: readonly LevelFacts[];
  readonly derived?: readonly DerivedFacts[];
}

/** The six sample plants, invented. */
export const plantFacts: readonly PlantFacts[] = [
  {
    id: 'da-bac',
    name: 'Xi măng Đá Bạc (mẫu)',
    nameEn: 'Silver Rock Cement (sample)',
    sector: '2394',
    ward: 'Phường Đá Bạc (mẫu)',
    product: 'cement',
    tonnesPerHour: 140,
    kwhPerTonne: 92,
    waterPerTonne: 0.25,
    fuel: { carrier: 'coal-cam-3-4', name: 'Than cám 4a vào lò nung', perTonne: 0.12 },
    shifts: 0.1,
    source: { kind: 'stack', name: 'Ống khói lò nung', station: 'TH_DABAC_KHILO1' },
    levels: [
      {
        ...stackLevel('dust', 'Bụi tổng', 'PM', 62, minuteMs),
        // QCVN 23:2009/BTNMT, B2, 0.6 to 1.5 Mt a year, industrial zone.
        limit: { value: 100, factors: { kp: 1, kv: 1 }, document: 'QCVN 23:2009/BTNMT, B2' },
        episodes: [
          { fromHours: -410, toHours: -406, factor: 1.9 },
          { fromHours: -80, toHours: -77, factor: 2.1 },
        ],
      },
      {
        ...stackLevel('so2', 'SO2', 'SO2', 210, minuteMs),
        limit: { value: 500, factors: { kp: 1, kv: 1 }, document: 'QCVN 23:2009/BTNMT, B2' },
      },
      {
        ...stackLevel('o2', 'O2', 'O2', 10.5, minuteMs),
        quantity: 'oxygen',
        unit: '%',
        noise: 0.04,
        range: { min: 0, max: 25 },
      },
      stackLevel('no', 'NO', 'NO', 280, 5 * minuteMs),
      stackLevel('no2', 'NO2', 'NO2', 18, 5 * minuteMs),
      {
        ...stackLevel('flow', 'Lưu lượng khí thải', 'FLOW', 260_000, 5 * minuteMs),
        quantity: 'flow',
        unit: 'Nm3/h',
        noise: 0.05,
      },
    ],
    derived: [
      {
        id: 'nox',
        name: 'NOx (theo NO2) ở 10 % O2',
        quantity: 'concentration',
        kind: 'level',
        unit: 'mg/Nm3',
        intervalMs: 5 * minuteMs,
        formula: 'atReferenceOxygen(noxAsNo2(no, no2), o2, 10)',
        of: ['no', 'no2', 'o2'],
      },
      {
        id: 'nox-load',
        name: 'Tải lượng NOx (theo NO2)',
        quantity: 'pollutant',
        substance: 'NOx',
        kind: 'interval',
        unit: 'kg',
        intervalMs: quarterMs,
        formula: 'noxAsNo2(no, no2) * flow',
        of: ['no', 'no2', 'flow'],
      },
    ],
  },
  {
    id: 'song-vang',
    name: 'Thép Sóng Vàng (mẫu)',
    nameEn: 'Golden Wave Steel (sample)',
    sector: '2410',
    ward: 'Phường Sóng Vàng (mẫu)',
    product: 'billet',
    tonnesPerHour: 58,
    kwhPerTonne: 520,
    waterPerTonne: 2.4,
    alsoMakes: {
      product: 'rolled steel',
      tonnesPerHour: 24,
      kwhPerTonne: 120,
      allocation: {
        rule: 'equivalent',
        // Norms of specific energy consumption, MJ a tonne: billet of an arc furnace, hot-rolled long products.
        weights: [
          { product: 'billet', weight: 2500 },
          { product: 'rolled steel', weight: 1600 },
        ],
        source: { document: 'Thông tư 20/2016/TT-BCT, 2021-2025', verified: false, assurance: 'press' },
      },
    },
    emits: { substance: 'dust', name: 'Tải lượng bụi, ống khói lò điện', kgPerTonne: 0.12 },
    shifts: 0.3,
    source: { kind: 'stack', name: 'Ống khói lò điện', station: 'TH_SVANG_KHILO2' },
    levels: [
      {
        ...stackLevel('dust', 'Bụi tổng', 'PM', 95, 5 * minuteMs),
        // 20,000 to 100,000 m3/h: Kp 0.9; industrial zone: Kv 1.
        limit: { value: 200, factors: { kp: 0.9, kv: 1 }, document: 'QCVN 19:2009/BTNMT, B' },
      },
    ],
  },
  {
    id: 'tre-xanh',
    name: 'Giấy Tre Xanh (mẫu)',
    nameEn: 'Green Bamboo Paper (sample)',
    sector: '1702',
    ward: 'Xã Tre Xanh (mẫu)',
    product: 'packaging paper',
    tonnesPerHour: 9,
    kwhPerTonne: 710,
    waterPerTonne: 11,
    fuel: { carrier: 'coal-cam-5-6', name: 'Than cám 5a vào lò hơi', perTonne: 0.35 },
    shifts: 0.15,
    source: { kind: 'stack', name: 'Ống khói lò hơi', station: 'TH_TREXANH_LOHOI' },
    levels: [
      {
        ...stackLevel('dust', 'Bụi tổng', 'PM', 120, 5 * minuteMs),
        limit: { value: 200, factors: { kp: 1, kv: 1.2 }, document: 'QCVN 19:2009/BTNMT, B' },
      },
    ],
  },
  {
    id: 'suoi-mat',
    name: 'Bia Suối Mát (mẫu)',
    nameEn: 'Cool Spring Brewery (sample)',
    sector: '1103',
    ward: 'Phường Suối Mát (mẫu)',
    product: 'beer',
    tonnesPerHour: 6.5,
    kwhPerTonne: 105,
    waterPerTonne: 4.6,
    fuel: { carrier: 'fuel-oil', name: 'Dầu FO vào lò hơi', perTonne: 0.011 },
    shifts: 0.35,
    source: { kind: 'outfall', name: 'Cửa xả nước thải', station: 'TH_SUOIMAT_NUOCTHAI' },
    levels: [effluentCod(78), effluentPh(7.4)],
  },
  {
    id: 'cua-bien',
    name: 'Thủy sản Cửa Biển (mẫu)',
    nameEn: 'River Mouth Seafood (sample)',
    sector: '1020',
    ward: 'Phường Cửa Biển (mẫu)',
    product: 'frozen shrimp',
    tonnesPerHour: 1.6,
    kwhPerTonne: 1_850,
    waterPerTonne: 26,
    buys: {
      carrier: 'cua-bien-steam',
      name: 'Hơi mua của khu công nghiệp',
      gjPerTonne: 1.4,
      kgCo2ePerGj: 72,
    },
    shifts: 0.5,
    source: { kind: 'outfall', name: 'Cửa xả nước thải', station: 'TH_CUABIEN_NUOCTHAI' },
    // Above its limit when a newcomer arrives, and for two hours more: an alert that is open, then resolved.
    levels: [effluentCod(96, [{ fromHours: -6, toHours: 2, factor: 1.9 }])],
  },
  {
    id: 'mia-ngot',
    name: 'Đường Mía Ngọt (mẫu)',
    nameEn: 'Sweet Cane Sugar (sample)',
    sector: '1072',
    ward: 'Xã Mía Ngọt (mẫu)',
    product: 'sugar',
    tonnesPerHour: 22,
    kwhPerTonne: 64,
    waterPerTonne: 3.8,
    fuel: { carrier: 'bagasse', name: 'Bã mía vào lò hơi', perTonne: 2.6 },
    shifts: 0.08,
    source: { kind: 'stack', name: 'Ống khói lò hơi bã mía', station: 'TH_MIANGOT_LOHOI' },
    levels: [
      {
        ...stackLevel('co', 'CO', 'CO', 540, 5 * minuteMs),
        limit: { value: 1000, factors: { kp: 1, kv: 1.2 }, document: 'QCVN 19:2009/BTNMT, B' },
      },
    ],
  },
];

import type { EntityKind } from '@songma/domain';
import { describe, expect, it } from 'vitest';
import type { Registry, SubmitResult } from '../src/index.ts';
import * as sample from './sample.ts';
import { day, openAlone, put, putSample, retire, t0 } from './sample.ts';

const { enterprise, site, source, meter, dust, limit, factor, baseline, officer, key } = sample;
const { participation, assessment, mapping } = sample;

const allocated = { document: 'Quyết định 12/QĐ', verified: true };
const weight = { product: 'billet', weight: 2500 };
const adjustment = {
  from: '2026-03-01',
  to: '2026-04-01',
  amount: 5,
  unit: 'MWh',
  reason: 'a trial run',
  by: 'An',
};

/** What is submitted to a registry that holds the sample, and where the problem lies. */
const refused: readonly (readonly [string, EntityKind, unknown, { path: string; problem: RegExp }])[] = [
  [
    'a mapping by something that its door has not',
    'mapping',
    { ...mapping, match: { topic: 'a/b' } },
    { path: 'match.topic', problem: /nothing that values of line-protocol have/ },
  ],
  [
    'a mapping with two wildcards side by side',
    'mapping',
    { ...mapping, match: { measurement: '{a}{b}' } },
    { path: 'match.measurement', problem: /side by side/ },
  ],
  [
    'a mapping with a place that stays open',
    'mapping',
    { ...mapping, meter: 'bs1-{what}' },
    { path: 'meter', problem: /\{what\} is neither/ },
  ],
  [
    'a mapping that tells no meter',
    'mapping',
    { ...mapping, meter: undefined },
    { path: 'meter', problem: /tell which meter/ },
  ],
  [
    'a mapping in a unit that nobody knows',
    'mapping',
    { ...mapping, unit: 'kilowatts' },
    { path: 'unit', problem: /not a UCUM unit/ },
  ],
  [
    'a participation of no enterprise',
    'participation',
    { ...participation, id: 'x', baselines: [] },
    { path: 'id', problem: /no enterprise "x"/ },
  ],
  [
    'a fact without evidence',
    'participation',
    { ...participation, aware: { holds: true, since: '2024-03-01', evidence: ' ' } },
    { path: 'aware.evidence', problem: /Too small/ },
  ],
  [
    'a fact on a date that is none',
    'participation',
    { ...participation, aware: { holds: true, since: '2024-02-30', evidence: 'QĐ 1' } },
    { path: 'aware.since', problem: /date/ },
  ],
  [
    'more trained than there are',
    'participation',
    { ...participation, training: { ...participation.training, trained: 4 } },
    { path: 'training.trained', problem: /more than the 3/ },
  ],
  [
    'a saving told against an unknown baseline',
    'participation',
    { ...participation, baselines: ['x'] },
    { path: 'baselines.0', problem: /no baseline "x"/ },
  ],
  [
    'two baselines of one resource',
    'participation',
    { ...participation, baselines: ['bs1-power-2025', 'bs1-power-2025'] },
    { path: 'baselines.1', problem: /electricity too/ },
  ],
  [
    'a task that no assessment has',
    'assessment',
    { id: 'bim-son', tasks: [{ task: 19, state: 'done', on: '2025-01-10' }] },
    { path: 'tasks.0.task', problem: /18/ },
  ],
  [
    'a task told twice',
    'assessment',
    { id: 'bim-son', tasks: [...assessment.tasks, { task: 1, state: 'under-way', on: '2025-01-01' }] },
    { path: 'tasks.1.task', problem: /repeats task 1/ },
  ],
  ['a body that is no object', 'officer', 7, { path: '', problem: /object/ }],
  ['an entity without a name', 'officer', { id: 'x' }, { path: 'name', problem: /string/ }],
  ['an id with capitals', 'officer', { ...officer, id: 'An' }, { path: 'id', problem: /lower-case/ }],
  [
    'an unknown field',
    'meter',
    { ...meter, id: 'm', multplier: 2 },
    { path: 'multplier', problem: /multiplier/ },
  ],
  [
    'a sector that is no VSIC code',
    'enterprise',
    { ...enterprise, sector: 'steel' },
    { path: 'sector', problem: /VSIC/ },
  ],
  [
    'a site of an unknown enterprise',
    'site',
    { ...site, id: 's', enterprise: 'x', station: 'S' },
    { path: 'enterprise', problem: /no enterprise "x"/ },
  ],
  [
    'a site in an unknown zone',
    'site',
    { ...site, timeZone: 'Asia/Thanh_Hoa' },
    { path: 'timeZone', problem: /Asia\/Ho_Chi_Minh/ },
  ],
  [
    'a site that moves to another enterprise',
    'site',
    { ...site, enterprise: 'other' },
    { path: 'enterprise', problem: /register a new site/ },
  ],
  [
    'a station that a source has',
    'site',
    { ...site, id: 's', station: 'TH_BSON_KHILO2' },
    { path: 'station', problem: /source "kiln-2"/ },
  ],
  [
    'a source of an unknown site',
    'source',
    { ...source, id: 's', site: 'x', station: 'S' },
    { path: 'site', problem: /no site "x"/ },
  ],
  [
    'a source that moves',
    'source',
    { ...source, site: 'bs2' },
    { path: 'site', problem: /register a new source/ },
  ],
  [
    'a site whose zone changes',
    'site',
    { ...sample.site, timeZone: '+07:00' },
    { path: 'timeZone', problem: /register a new site/ },
  ],
  [
    'a range that is void and empty',
    'void',
    { id: 'v', meter: meter.id, from: 5, to: 5, reason: 'swap' },
    { path: 'to', problem: /not after from/ },
  ],
  [
    'a station that a site has',
    'source',
    { ...source, station: 'TH_BSON_KHI' },
    { path: 'station', problem: /site "bs1"/ },
  ],
  [
    'a meter of an unknown site',
    'meter',
    { ...meter, id: 'm', site: 'x' },
    { path: 'site', problem: /no site "x"/ },
  ],
  [
    'a meter of an unknown source',
    'meter',
    { ...dust, id: 'm', source: 'x' },
    { path: 'source', problem: /no source "x"/ },
  ],
  [
    'a meter at the source of another site',
    'meter',
    { ...dust, id: 'm', site: 'bs2' },
    { path: 'source', problem: /at site "bs1"/ },
  ],
  [
    'a meter whose kind changes',
    'meter',
    { ...meter, kind: 'counter' },
    { path: 'kind', problem: /register a new meter/ },
  ],
  [
    'a meter whose unit changes',
    'meter',
    { ...meter, unit: 'MWh' },
    { path: 'unit', problem: /from "kWh".*new meter/ },
  ],
  [
    'a meter that moves',
    'meter',
    { ...meter, site: 'bs2' },
    { path: 'site', problem: /register a new meter/ },
  ],
  ['an unknown unit', 'meter', { ...meter, id: 'm', unit: 'furz' }, { path: 'unit', problem: /UCUM/ }],
  [
    'stamps in an unknown zone',
    'meter',
    { ...meter, time: { zone: 'UTC+25' } },
    { path: 'time.zone', problem: /UTC\+25/ },
  ],
  [
    'a register of a meter that counts nothing',
    'meter',
    { ...meter, registerWidth: 1e6 },
    { path: 'registerWidth', problem: /counter/ },
  ],
  [
    'a rating of a meter that counts nothing',
    'meter',
    { ...meter, ratePerHourMax: 100 },
    { path: 'ratePerHourMax', problem: /counter/ },
  ],
  [
    'a reset of a register that counts down',
    'meter',
    { ...meter, kind: 'counter', direction: 'down', resets: 'daily' },
    { path: 'resets', problem: /leave it out/ },
  ],
  [
    'an interval by the calendar beside another length',
    'meter',
    { ...meter, interval: 'P1M' },
    { path: 'intervalMs', problem: /2678400000/ },
  ],
  [
    'swaps that are not in order',
    'meter',
    { ...meter, kind: 'counter', swaps: [{ at: 5 }, { at: 5 }] },
    { path: 'swaps.1.at', problem: /after/ },
  ],
  [
    'a detection limit of a register',
    'meter',
    { ...meter, kind: 'counter', belowDetection: { counts: 'zero' } },
    { path: 'belowDetection', problem: /register/ },
  ],
  [
    'a life that ends before it begins',
    'meter',
    { ...meter, id: 'm', from: 5, to: 5 },
    { path: 'to', problem: /never be there/ },
  ],
  [
    'a meter that follows an unknown one',
    'meter',
    { ...meter, id: 'm', from: 5, follows: 'x' },
    { path: 'follows', problem: /no meter "x"/ },
  ],
  [
    'a meter that follows one of another quantity',
    'meter',
    { ...meter, id: 'm', from: 5, follows: 'kiln-2-dust' },
    { path: 'follows', problem: /concentration and this one electricity/ },
  ],
  [
    'a meter that follows one that has no end',
    'meter',
    { ...meter, id: 'm', from: 5, follows: 'bs1-kwh' },
    { path: 'follows', problem: /has no end: tell its "to" first/ },
  ],
  [
    'a meter that follows itself',
    'meter',
    { ...meter, from: 5, follows: 'bs1-kwh' },
    { path: 'follows', problem: /does not follow itself/ },
  ],
  [
    'a range that nothing lies in',
    'meter',
    { ...meter, validRange: { min: 5, max: 5 } },
    { path: 'validRange', problem: /below/ },
  ],
  [
    'a symbol twice at a station',
    'meter',
    { ...dust, id: 'm' },
    { path: 'symbol', problem: /"PM" of station "TH_BSON_KHILO2"/ },
  ],
  [
    'a limit of an unknown meter',
    'limit',
    { ...limit, id: 'l', meter: 'x' },
    { path: 'meter', problem: /no meter "x"/ },
  ],
  [
    'a limit for another meter',
    'limit',
    { ...limit, meter: 'bs1-kwh' },
    { path: 'meter', problem: /register a new limit/ },
  ],
  [
    'a limit without a bound',
    'limit',
    { ...limit, value: undefined },
    { path: 'value', problem: /one of the two/ },
  ],
  [
    'a limit with a value and a range',
    'limit',
    { ...limit, factors: {}, range: { max: 9 } },
    { path: 'range', problem: /one of the two/ },
  ],
  [
    'a range without a bound',
    'limit',
    { ...limit, value: undefined, factors: {}, range: {} },
    { path: 'range', problem: /has no bound/ },
  ],
  [
    'a range that nothing keeps',
    'limit',
    { ...limit, value: undefined, factors: {}, range: { min: 9, max: 9 } },
    { path: 'range', problem: /not below max/ },
  ],
  [
    'factors of a range',
    'limit',
    { ...limit, value: undefined, factors: { kq: 0.9 }, range: { min: 5.5, max: 9 } },
    { path: 'factors', problem: /leave them out/ },
  ],
  [
    'a limit in a unit that is none',
    'limit',
    { ...limit, unit: 'furz' },
    { path: 'unit', problem: /not a UCUM unit/ },
  ],
  [
    'a limit in parts on a meter of mass',
    'limit',
    { ...limit, unit: 'ppm' },
    { path: 'unit', problem: /molar mass.*state the limit in "mg\/m3"/ },
  ],
  [
    'a limit in Nm3 on a meter in m3',
    'limit',
    { ...limit, unit: 'mg/Nm3' },
    { path: 'unit', problem: /reference conditions/ },
  ],
  [
    'a limit of another measure than its meter',
    'limit',
    { ...limit, unit: 'kg/h' },
    { path: 'unit', problem: /measures in "mg\/m3"/ },
  ],
  [
    'a limit with factors of a parameter that is not known',
    'limit',
    { ...limit, parameter: 'Nhiệt', factors: { kp: 0.8 } },
    { path: 'parameterCode', problem: /"Nhiệt" is not known.*temperature/ },
  ],
  [
    'a source that operates by an unknown meter',
    'source',
    { ...source, operating: { meter: 'x', above: 1 } },
    { path: 'operating.meter', problem: /register it first/ },
  ],
  [
    'a source that operates beyond no value',
    'source',
    { ...source, operating: { meter: dust.id } },
    { path: 'operating', problem: /one of the two/ },
  ],
  [
    'a source that operates beyond two values',
    'source',
    { ...source, operating: { meter: dust.id, above: 1, below: 2 } },
    { path: 'operating', problem: /one of the two/ },
  ],
  [
    'a source that operates by a meter of another site',
    'source',
    { ...source, operating: { meter: 'bs2-kwh', above: 1 } },
    { path: 'operating.meter', problem: /name one of site "bs1"/ },
  ],
  [
    'a source that operates by a counter',
    'source',
    { ...source, operating: { meter: 'bs2-register', above: 1 } },
    { path: 'operating.meter', problem: /level or an interval/ },
  ],
  [
    'a limit that ends before it begins',
    'limit',
    { ...limit, validFrom: 5, validTo: 5 },
    { path: 'validTo', problem: /never/ },
  ],
  [
    'a baseline of an unknown enterprise',
    'baseline',
    { ...baseline, id: 'b', enterprise: 'x' },
    { path: 'enterprise', problem: /no enterprise "x"/ },
  ],
  [
    'a baseline of a site of another enterprise',
    'baseline',
    { ...baseline, id: 'b', enterprise: 'other' },
    { path: 'site', problem: /no site of enterprise "other"/ },
  ],
  [
    'a baseline with a meter of another site',
    'baseline',
    { ...baseline, id: 'b', site: 'bs2', meters: ['bs1-kwh'] },
    { path: 'meters.0', problem: /at site "bs1": name one of site "bs2"/ },
  ],
  [
    'a baseline with a driver of another enterprise',
    'baseline',
    { ...baseline, id: 'b', enterprise: 'other', site: undefined, drivers: ['production', 'bs1-kwh'] },
    { path: 'drivers.1', problem: /name one of enterprise "other"/ },
  ],
  [
    'a baseline with a driver that is no meter',
    'baseline',
    { ...baseline, id: 'b', drivers: ['rain'] },
    { path: 'drivers.0', problem: /no meter "rain"/ },
  ],
  [
    'a baseline with a driver twice',
    'baseline',
    { ...baseline, id: 'b', drivers: ['production', 'production'] },
    { path: 'drivers.1', problem: /repeats/ },
  ],
  [
    'a regression without drivers',
    'baseline',
    { ...baseline, id: 'b', drivers: [] },
    { path: 'drivers', problem: /needs drivers/ },
  ],
  [
    'a ratio with drivers',
    'baseline',
    { ...baseline, id: 'b', model: 'ratio' },
    { path: 'drivers', problem: /leave them out/ },
  ],
  [
    'a baseline that ends where it begins',
    'baseline',
    { ...baseline, id: 'b', to: '2025-01-01' },
    { path: 'to', problem: /not after from/ },
  ],
  [
    'a baseline of more than five years',
    'baseline',
    { ...baseline, id: 'b', from: '2020-01-01', to: '2026-01-01' },
    { path: 'to', problem: /at most 5 years/ },
  ],
  [
    'a monthly baseline that begins in a month',
    'baseline',
    { ...baseline, id: 'b', from: '2025-01-02' },
    { path: 'from', problem: /first of a month/ },
  ],
  [
    'an acceptance below the floor of practice',
    'baseline',
    { ...baseline, id: 'b', acceptance: { r2Min: 0.49 } },
    { path: 'acceptance.r2Min', problem: /0\.5/ },
  ],
  [
    'a baseline in an unknown unit',
    'baseline',
    { ...baseline, id: 'b', unit: 'furz' },
    { path: 'unit', problem: /UCUM/ },
  ],
  [
    'a baseline whose production is in an unknown unit',
    'baseline',
    { ...baseline, id: 'b', productionUnit: 'furz' },
    { path: 'productionUnit', problem: /UCUM/ },
  ],
  [
    "an adjustment in a unit that is not the baseline's",
    'baseline',
    { ...baseline, adjustments: [{ ...adjustment, unit: 't' }] },
    { path: 'adjustments.0.unit', problem: /"t".*kWh/ },
  ],
  [
    'an adjustment that ends before it begins',
    'baseline',
    { ...baseline, adjustments: [{ ...adjustment, to: '2026-03-01' }] },
    { path: 'adjustments.0.to', problem: /not after from/ },
  ],
  [
    'an unknown norm',
    'baseline',
    { ...baseline, id: 'b', resource: 'energy', norm: 'steel' },
    { path: 'norm', problem: /steel-arc/ },
  ],
  [
    'a norm of something that is not all energy',
    'baseline',
    { ...baseline, norm: 'steel-arc' },
    { path: 'norm', problem: /resource "energy"/ },
  ],
  ...Object.entries({
    site: 'bs2',
    resource: 'energy',
    unit: 'MWh',
    productionUnit: 'kg',
    meters: ['bs1-kwh'],
    period: 'P1D',
    from: '2024-01-01',
    to: '2026-02-01',
    drivers: ['production', 'bs1-kwh'],
    coverageMin: 0.8,
    acceptance: { r2Min: 0.5 },
  }).map(
    ([field, value]) =>
      [
        `a baseline whose ${field} changes`,
        'baseline',
        { ...baseline, [field]: value },
        { path: field, problem: /register a new baseline/ },
      ] as const,
  ),
  [
    'equivalent products without weights',
    'enterprise',
    { ...enterprise, allocation: { rule: 'equivalent', source: allocated } },
    { path: 'allocation.weights', problem: /need a weight/ },
  ],
  [
    'weights of products that are shared by mass',
    'enterprise',
    { ...enterprise, allocation: { rule: 'mass', weights: [weight], source: allocated } },
    { path: 'allocation.weights', problem: /leave them out/ },
  ],
  [
    'two weights of one product',
    'enterprise',
    { ...enterprise, allocation: { rule: 'equivalent', weights: [weight, weight], source: allocated } },
    { path: 'allocation.weights.1.product', problem: /repeats "billet"/ },
  ],
  [
    'a product with a line break',
    'meter',
    { ...meter, product: 'steel\n' },
    { path: 'product', problem: /control characters/ },
  ],
  [
    'a carrier of water',
    'meter',
    { ...meter, quantity: 'water', carrier: 'diesel' },
    { path: 'carrier', problem: /fuel/ },
  ],
  [
    'a refrigerant without a name',
    'meter',
    { ...meter, quantity: 'refrigerant' },
    { path: 'carrier', problem: /r-134a/ },
  ],
  [
    'a pollutant without a name',
    'meter',
    { ...meter, quantity: 'pollutant' },
    { path: 'substance', problem: /NOx/ },
  ],
  [
    'a substance of what is no pollutant',
    'meter',
    { ...meter, substance: 'NOx' },
    { path: 'substance', problem: /leave it out/ },
  ],
  [
    'a calorific value of what is no fuel',
    'meter',
    { ...meter, calorific: 'gross' },
    { path: 'calorific', problem: /only fuel/ },
  ],
  [
    'net energy that is more than the gross one',
    'factor',
    { ...factor, id: 'f', kind: 'net-of-gross', value: 1.11, per: 'MJ' },
    { path: 'value', problem: /at most 1/ },
  ],
  [
    'net energy of a mass',
    'factor',
    { ...factor, id: 'f', kind: 'net-of-gross', value: 0.9 },
    { path: 'per', problem: /MJ/ },
  ],
  [
    'a factor of no carrier',
    'factor',
    { ...factor, id: 'f', carrier: undefined },
    { path: 'carrier', problem: /must name it/ },
  ],
  [
    'a calorific value of a gas',
    'factor',
    { ...factor, id: 'f', gas: 'CH4' },
    { path: 'gas', problem: /leave it out/ },
  ],
  [
    'a warming potential without a set',
    'factor',
    { ...factor, id: 'f', kind: 'gwp', carrier: undefined, gas: 'CH4', unit: 'kgCO2e' },
    { path: 'gwpSet', problem: /must name it/ },
  ],
  [
    'a warming potential of nothing',
    'factor',
    { ...factor, id: 'f', kind: 'gwp', gwpSet: 'AR5', carrier: undefined, unit: 'kgCO2e' },
    { path: 'gas', problem: /one of gas and carrier/ },
  ],
  [
    'a warming potential of a gas and of a refrigerant',
    'factor',
    { ...factor, id: 'f', kind: 'gwp', gwpSet: 'AR5', carrier: 'r-32', gas: 'CH4', unit: 'kgCO2e' },
    { path: 'gas', problem: /one of gas and carrier/ },
  ],
  [
    'a factor of nobody’s steam',
    'factor',
    { ...factor, id: 'f', kind: 'supply', carrier: undefined, unit: 'kgCO2e', per: 't' },
    { path: 'carrier', problem: /must name it/ },
  ],
  [
    'methane of biomass told apart',
    'factor',
    { ...factor, id: 'f', kind: 'emission', gas: 'CH4', unit: 'kg', per: 'TJ', biogenic: true },
    { path: 'biogenic', problem: /only .* CO2/ },
  ],
  [
    'a grid factor without its year',
    'factor',
    { ...factor, id: 'f', kind: 'grid', carrier: undefined, unit: 'tCO2', per: 'MWh' },
    { path: 'validFrom', problem: /year/ },
  ],
  [
    'a factor that ends when it begins',
    'factor',
    { ...factor, id: 'f', validFrom: '2024-01-01', validTo: '2024-01-01' },
    { path: 'validTo', problem: /never/ },
  ],
  [
    'a factor for another carrier',
    'factor',
    { ...factor, carrier: 'fuel-oil' },
    { path: 'carrier', problem: /new one/ },
  ],
  ['a calorific value in tonnes', 'factor', { ...factor, unit: 't' }, { path: 'unit', problem: /MJ/ }],
  [
    'oil equivalents in joules',
    'factor',
    { ...factor, id: 'f', kind: 'toe' },
    { path: 'unit', problem: /TOE/ },
  ],
  ['a factor for so many furzes', 'factor', { ...factor, per: 'furz' }, { path: 'per', problem: /kWh/ }],
  [
    'an emission for a mass, not an energy',
    'factor',
    { ...factor, id: 'f', kind: 'emission', gas: 'CO2', unit: 'kg', per: 'kg' },
    { path: 'per', problem: /TJ/ },
  ],
  [
    'a plant key without an enterprise',
    'key',
    { ...key, id: 'k', enterprise: undefined },
    { path: 'enterprise', problem: /must name/ },
  ],
  [
    'a key of an unknown enterprise',
    'key',
    { ...key, id: 'k', enterprise: 'x' },
    { path: 'enterprise', problem: /no enterprise/ },
  ],
  [
    'a key for a site that does not exist',
    'key',
    { ...key, id: 'k', sites: ['bs1', 'x'] },
    { path: 'sites.1', problem: /no site "x"/ },
  ],
  [
    "a key for another enterprise's site",
    'key',
    { ...key, id: 'k', enterprise: 'other', sites: ['bs1'] },
    { path: 'sites.0', problem: /belongs to enterprise "bim-son"/ },
  ],
  [
    'a key whose secret changes',
    'key',
    { ...key, hash: 'b'.repeat(64) },
    { path: 'hash', problem: /make a new key/ },
  ],
  ['a key whose role changes', 'key', { ...key, role: 'admin' }, { path: 'role', problem: /make a new key/ }],
];

async function openSample(): Promise<Registry> {
  const registry = await openAlone();
  await putSample(registry);
  await put(registry, 'enterprise', { ...enterprise, id: 'other' });
  await put(registry, 'site', { id: 'bs2', enterprise: 'bim-son', name: 'Nhà máy 2' });
  await put(registry, 'meter', { ...meter, id: 'bs2-register', site: 'bs2', kind: 'counter' });
  await put(registry, 'meter', { ...meter, id: 'bs2-kwh', site: 'bs2' });
  return registry;
}

function submitBody(registry: Registry, kind: EntityKind, body: unknown): Promise<SubmitResult> {
  const id = (body as { id?: string }).id ?? 'x';
  return registry.submit({
    kind,
    entity: id,
    expectedVersion: registry.get(kind, id)?.version ?? 0,
    body,
    by: 'test',
  });
}

describe('a submission is refused, with the path and the way to mend it:', () => {
  it.each(refused)('%s', async (_title, kind, body, { path, problem }) => {
    const registry = await openSample();
    const before = sample.everything(registry);
    const result = await submitBody(registry, kind, body);
    expect(result).toMatchObject({ ok: false, reason: 'invalid' });
    expect('problems' in result ? result.problems : []).toContainEqual(
      expect.objectContaining({ path, problem: expect.stringMatching(problem) as unknown }),
    );
    expect(sample.everything(registry)).toEqual(before);
  });

  it('every problem of a body at once', async () => {
    const registry = await openSample();
    const result = await submitBody(registry, 'meter', {
      ...dust,
      id: 'm',
      site: 'x',
      source: 'y',
      unit: 'furz',
      registerWidth: 10,
    });
    expect('problems' in result ? result.problems.map(({ path }) => path) : []).toEqual([
      'site',
      'source',
      'registerWidth',
      'unit',
    ]);
  });

  it('but a limit in a unit that converts to its meter’s is taken, and so is one whose code is told', async () => {
    const registry = await openSample();
    const converts = { ...limit, unit: 'ug/m3', value: 100_000 };
    expect(await submitBody(registry, 'limit', converts)).toMatchObject({ ok: true });
    const coded = { ...limit, parameter: 'Nhiệt', parameterCode: 'other', factors: { kp: 0.8 } };
    expect(await submitBody(registry, 'limit', coded)).toMatchObject({ ok: true });
  });

  it('an id that differs from the one submitted', async () => {
    const registry = await openAlone();
    expect(
      await registry.submit({
        kind: 'officer',
        entity: 'binh',
        expectedVersion: 0,
        body: officer,
        by: 'test',
      }),
    ).toMatchObject({ ok: false, reason: 'invalid', problems: [{ path: 'id' }] });
  });
});

describe('a retirement', () => {
  it.each([
    [
      'enterprise',
      'bim-son',
      /baseline "bs1-power-2025", key "gw-1", mapping "plc", participation "bim-son" and 2 more/,
    ],
    ['baseline', 'bs1-power-2025', /participation "bim-son"/],
    ['site', 'bs1', /meter "bs1-kwh", meter "kiln-2-dust", source "kiln-2"/],
    ['source', 'kiln-2', /meter "kiln-2-dust"/],
    ['meter', 'kiln-2-dust', /limit "kiln-2-dust-hour"/],
  ] as const)('of a %s is refused while something refers to it', async (kind, id, problem) => {
    const registry = await openSample();
    expect(await retire(registry, kind, id)).toMatchObject({
      ok: false,
      reason: 'invalid',
      problems: [{ path: '', problem: expect.stringMatching(problem) as unknown }],
    });
  });

  it('of what nothing refers to any more goes through, up to the enterprise', async () => {
    const registry = await openAlone();
    await putSample(registry);
    for (const [kind, { id }] of sample.sample.toReversed()) {
      expect(await retire(registry, kind, id)).toMatchObject({ ok: true });
    }
    expect(sample.allKinds.flatMap((kind) => registry.list(kind))).toEqual([]);
  });

  it('of nothing is refused', async () => {
    const registry = await openAlone();
    expect(await retire(registry, 'meter', 'x')).toMatchObject({ ok: false, reason: 'invalid' });
  });

  it('does not free a meter from its unit: its readings are still stored', async () => {
    const registry = await openSample();
    await retire(registry, 'meter', 'bs1-kwh');
    expect(await put(registry, 'meter', { ...meter, unit: 'MWh' })).toMatchObject({
      ok: false,
      reason: 'invalid',
      problems: [{ path: 'unit' }],
    });
    expect(await put(registry, 'meter', meter)).toEqual({ ok: true, version: 3 });
  });
});

describe('a baseline', () => {
  it('takes an adjustment, a norm, a name and a reason later', async () => {
    const registry = await openSample();
    const energy = { ...baseline, id: 'all-energy', resource: 'energy' };
    expect(await put(registry, 'baseline', energy)).toMatchObject({ ok: true, version: 1 });
    const changed = { ...energy, name: 'Năng lượng', reason: 'said better', norm: 'steel-arc' };
    expect(await put(registry, 'baseline', { ...changed, adjustments: [adjustment] })).toMatchObject({
      ok: true,
      version: 2,
    });
    expect(registry.get('baseline', 'all-energy')?.body).toMatchObject({
      acceptance: { r2Min: 0.75, cvRmseMax: 0.2, driverPMax: 0.1 },
      adjustments: [adjustment],
    });
  });

  it('may span five years', async () => {
    const registry = await openSample();
    const long = { ...baseline, id: 'long', from: '2021-01-01', to: '2026-01-01' };
    expect(await put(registry, 'baseline', long)).toMatchObject({ ok: true });
  });

  it('holds the meters that it names', async () => {
    const registry = await openSample();
    await put(registry, 'baseline', { ...baseline, id: 'held', meters: ['bs1-kwh'] });
    expect(await retire(registry, 'meter', 'bs1-kwh')).toMatchObject({
      ok: false,
      problems: [{ path: '', problem: expect.stringMatching(/baseline "held"/) as unknown }],
    });
  });
});

describe('a participation', () => {
  it('tells savings against baselines of its own enterprise only', async () => {
    const registry = await openSample();
    await put(registry, 'enterprise', { ...enterprise, id: 'other' });
    expect(await put(registry, 'participation', { id: 'other', baselines: [baseline.id] })).toMatchObject({
      ok: false,
      problems: [
        { path: 'baselines.0', problem: expect.stringMatching(/of enterprise "bim-son"/) as unknown },
      ],
    });
    expect(await put(registry, 'participation', { id: 'other' })).toMatchObject({ ok: true });
  });
});

describe('active keys of one name', () => {
  const second = { ...key, id: 'gw-2', expiresAt: t0 + day };
  const third = { ...key, id: 'gw-3' };

  it('are at most two, so that a rotation overlaps', async () => {
    const registry = await openSample();
    expect(await put(registry, 'key', second)).toMatchObject({ ok: true });
    expect(await put(registry, 'key', third)).toMatchObject({
      ok: false,
      problems: [{ path: 'name', problem: expect.stringMatching(/"gw-1" and "gw-2"/) as unknown }],
    });
    await retire(registry, 'key', 'gw-1');
    expect(await put(registry, 'key', third)).toMatchObject({ ok: true });
  });

  it('do not count expired ones, nor those of another enterprise', async () => {
    let now = t0;
    const registry = await openAlone(() => now);
    await putSample(registry);
    await put(registry, 'enterprise', { ...enterprise, id: 'other' });
    await put(registry, 'key', second);
    expect(await put(registry, 'key', { ...third, enterprise: 'other' })).toMatchObject({
      ok: true,
    });
    now = second.expiresAt;
    expect(await put(registry, 'key', { ...key, id: 'gw-4' })).toMatchObject({ ok: true });
    expect(await put(registry, 'key', { ...second, expiresAt: undefined })).toMatchObject({
      ok: false,
      problems: [{ path: 'name' }],
    });
  });
});

it('two meters of a site get the same names when a station is given to it: refused at the station', async () => {
  const registry = await openAlone();
  await put(registry, 'enterprise', enterprise);
  const { station, ...withoutStation } = site;
  await put(registry, 'site', withoutStation);
  for (const id of ['a', 'b']) {
    expect(await put(registry, 'meter', { ...meter, id, symbol: 'PM' })).toMatchObject({ ok: true });
  }
  expect(await put(registry, 'site', { ...withoutStation, station })).toMatchObject({
    ok: false,
    problems: [{ path: 'station', problem: expect.stringMatching(/"a" and "b"/) as unknown }],
  });
});

describe('a meter that follows another', () => {
  const old = { ...meter, to: t0 };
  const successor = { ...meter, id: 'bs1-kwh-2', from: t0, follows: 'bs1-kwh' };

  it('begins when that one has ended, and is the only one', async () => {
    const registry = await openSample();
    expect(await put(registry, 'meter', old)).toMatchObject({ ok: true });
    expect(await put(registry, 'meter', { ...successor, from: t0 - 1 })).toMatchObject({
      ok: false,
      problems: [{ path: 'from', problem: expect.stringMatching(/count twice/) as unknown }],
    });
    expect(await put(registry, 'meter', { ...successor, from: undefined })).toMatchObject({
      ok: false,
      problems: [{ path: 'from' }],
    });
    expect(await put(registry, 'meter', successor)).toMatchObject({ ok: true });
    expect(await put(registry, 'meter', { ...successor, id: 'bs1-kwh-3' })).toMatchObject({
      ok: false,
      problems: [{ path: 'follows', problem: expect.stringMatching(/"bs1-kwh-2" follows/) as unknown }],
    });
  });

  it('holds the end of that one, which may be told earlier and cannot be retired', async () => {
    const registry = await openSample();
    await put(registry, 'meter', old);
    await put(registry, 'meter', successor);
    for (const to of [t0 + 1, undefined]) {
      expect(await put(registry, 'meter', { ...old, to })).toMatchObject({
        ok: false,
        problems: [
          { path: 'to', problem: expect.stringMatching(/follows it since 2025-12-31T17/) as unknown },
        ],
      });
    }
    expect(await put(registry, 'meter', { ...old, to: t0 - day })).toMatchObject({ ok: true });
    expect(await retire(registry, 'meter', 'bs1-kwh')).toMatchObject({ ok: false });
  });
});

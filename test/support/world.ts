import { createHash } from 'node:crypto';
import type { ApiKey, Enterprise, Limit, Meter, RegistryCommand, Site, TopicName } from '@songma/domain';
import type { NewRecord } from '@songma/event-log';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

/** Sizes and seed of a made-up industry: the same spec gives the same world and the same readings. */
export interface WorldSpec {
  readonly seed: number;
  readonly enterprises: number;
  readonly sitesPerEnterprise: number;
  readonly metersPerSite: number;
  /** First stamp, epoch milliseconds; an hour's start. */
  readonly from: number;
  /** Every meter is read once in so many milliseconds; a divisor of the hour. */
  readonly stepMs: number;
}

export type MeterRole = 'electricity' | 'production' | 'water' | 'dust' | 'gas';

export interface WorldMeter {
  readonly id: string;
  readonly role: MeterRole;
  readonly kind: Meter['kind'];
}

export interface WorldSite {
  readonly id: string;
  readonly index: number;
  readonly enterprise: string;
  readonly token: string;
  readonly meters: readonly WorldMeter[];
}

export interface World {
  readonly spec: WorldSpec;
  readonly sites: readonly WorldSite[];
  /** What registers all of it, for the log's topic `registry`. */
  readonly registryRecords: readonly NewRecord[];
}

export const registryTopic: TopicName = 'registry';
/** A dust limit, and by how much a dirty hour lies above the clean level of 50. */
export const dustLimit = 100;
const dustDirty = 180;

/** At a site whose index this takes, dust is above its limit for whole hours. */
export function isDirtyHour(site: number, hour: number): boolean {
  return site % 10 === 3 && hour % 4 === 1;
}

/** Value of a meter at a step (since `from`), as the device would first report it. Pure in its arguments. */
export function valueOf(
  { seed, stepMs }: WorldSpec,
  site: number,
  meter: number,
  role: MeterRole,
  step: number,
): number {
  const scatter = hash(seed, site * 1_009 + meter, step) / 2 ** 32;
  switch (role) {
    case 'electricity':
      return round(400 + 50 * scatter);
    case 'production':
      return round(1 + 0.2 * scatter);
    case 'water':
      return round(10_000 + 2 * step + scatter);
    case 'gas':
      return round(80 + 40 * scatter);
    case 'dust':
      return round((isDirtyHour(site, Math.floor((step * stepMs) / hourMs)) ? dustDirty : 50) + 5 * scatter);
  }
}

export function buildWorld(spec: WorldSpec): World {
  const commands: RegistryCommand[] = [];
  const sites: WorldSite[] = [];
  const put = (kind: RegistryCommand['kind'], body: { readonly id: string }) => {
    commands.push({
      id: `world-${commands.length}`,
      kind,
      entity: body.id,
      expectedVersion: 0,
      body,
      by: 'world',
      at: spec.from,
    });
  };
  for (let e = 0; e < spec.enterprises; e++) {
    const enterprise: Enterprise = { id: `ent-${e}`, name: `Enterprise ${e}`, sector: '2394' };
    put('enterprise', enterprise);
    const secret = createHash('sha256').update(`${spec.seed}/${e}`).digest('hex').slice(0, 40);
    const key: ApiKey = {
      id: `key-${e}`,
      name: `gateway ${e}`,
      role: 'plant',
      enterprise: enterprise.id,
      sites: [],
      hash: createHash('sha256').update(secret).digest('hex'),
      createdAt: spec.from,
    };
    put('key', key);
    for (let s = 0; s < spec.sitesPerEnterprise; s++) {
      const index = sites.length;
      const site: Site = {
        id: `site-${index}`,
        enterprise: enterprise.id,
        name: `Site ${index}`,
        province: 'Thanh Hóa',
        timeZone: 'Asia/Ho_Chi_Minh',
      };
      put('site', site);
      const meters = Array.from({ length: spec.metersPerSite }, (_, m) => worldMeter(index, m));
      for (const meter of meters) put('meter', registeredMeter(site.id, meter, spec.stepMs));
      for (const { id } of meters.filter(({ role }) => role === 'dust'))
        put('limit', registeredLimit(id, spec.from));
      sites.push({ id: site.id, index, enterprise: enterprise.id, token: `sgm_key-${e}_${secret}`, meters });
    }
  }
  const encoder = new TextEncoder();
  const registryRecords = commands.map((command) => ({
    key: `${command.kind}/${command.entity}`,
    value: encoder.encode(JSON.stringify(command)),
  }));
  return { spec, sites, registryRecords };
}

const firstRoles: readonly MeterRole[] = ['electricity', 'production', 'water', 'dust'];

function worldMeter(site: number, index: number): WorldMeter {
  const role = firstRoles[index] ?? (index % 5 === 4 ? 'water' : 'gas');
  const kind =
    role === 'electricity' || role === 'production' ? 'interval' : role === 'water' ? 'counter' : 'level';
  return { id: `s${site}-m${index}`, role, kind };
}

function registeredMeter(site: string, { id, role, kind }: WorldMeter, intervalMs: number): Meter {
  const units = { electricity: 'kW.h', production: 't', water: 'm3', dust: 'mg/m3', gas: 'mg/m3' } as const;
  const quantities = {
    electricity: 'electricity',
    production: 'production',
    water: 'water',
    dust: 'concentration',
    gas: 'concentration',
  } as const;
  return {
    id,
    site,
    name: `${role} ${id}`,
    quantity: quantities[role],
    kind,
    unit: units[role],
    intervalMs,
    multiplier: 1,
    time: { zone: 'Asia/Ho_Chi_Minh', stamp: 'opens', midnight: 'begins-day' },
    ...(role === 'production' ? { product: 'cement' } : {}),
  };
}

function registeredLimit(meter: string, from: number): Limit {
  return {
    id: `${meter}-limit`,
    meter,
    parameter: 'PM',
    averaging: 'PT1H',
    value: dustLimit,
    factors: {},
    validShareMin: 0.75,
    source: { document: 'test world', verified: false },
    validFrom: from,
  };
}

function hash(seed: number, series: number, step: number): number {
  let h = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(series, 0x85ebca6b) ^ Math.imul(step, 0xc2b2ae35)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const round = (value: number): number => Math.round(value * 100) / 100;

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntityKind } from '@songma/domain';
import { type OpenEventLog, openEventLog } from '@songma/event-log';
import { createLogger } from '@songma/runtime';
import { onTestFinished } from 'vitest';
import { openRegistry, type Registry, type SubmitResult } from '../src/index.ts';

export const logger = createLogger({ service: 'registry-test', level: 'silent' });

export const day = 86_400_000;
/** 2026-01-01T00:00+07:00 */
export const t0 = 1_767_200_400_000;

/** A directory that is gone after the test. */
export async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'songma-registry-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  return dir;
}

/** The embedded log, closed after the test unless the test closes it. */
export async function openLog(dataDir: string): Promise<OpenEventLog> {
  const eventLog = await openEventLog({ adapter: 'sqlite', dataDir }, { logger });
  onTestFinished(() => eventLog.close());
  return eventLog;
}

export async function openOn(eventLog: OpenEventLog, now: () => number = () => t0): Promise<Registry> {
  const registry = await openRegistry({ eventLog, logger, now });
  onTestFinished(() => registry.close());
  return registry;
}

/** A registry alone on a log of its own. */
export async function openAlone(now?: () => number): Promise<Registry> {
  return openOn(await openLog(await temporaryDir()), now);
}

export const enterprise = { id: 'bim-son', name: 'Xi măng Bỉm Sơn', sector: '2394' };
export const site = { id: 'bs1', enterprise: 'bim-son', name: 'Nhà máy 1', station: 'TH_BSON_KHI' };
export const source = { id: 'kiln-2', site: 'bs1', name: 'Lò 2', kind: 'stack', station: 'TH_BSON_KHILO2' };
export const meter = {
  id: 'bs1-kwh',
  site: 'bs1',
  name: 'Điện tổng',
  quantity: 'electricity',
  kind: 'interval',
  unit: 'kWh',
  intervalMs: 900_000,
};
export const dust = {
  id: 'kiln-2-dust',
  site: 'bs1',
  source: 'kiln-2',
  name: 'Bụi lò 2',
  quantity: 'concentration',
  kind: 'level',
  unit: 'mg/m3',
  intervalMs: 300_000,
  symbol: 'PM',
};
export const limit = {
  id: 'kiln-2-dust-hour',
  meter: 'kiln-2-dust',
  parameter: 'PM',
  averaging: 'PT1H',
  value: 100,
  source: { document: 'QCVN 23:2009/BTNMT, table 1, column B2', verified: false },
  validFrom: 0,
};
export const baseline = {
  id: 'bs1-power-2025',
  name: 'Điện theo sản lượng, 2025',
  enterprise: 'bim-son',
  site: 'bs1',
  resource: 'electricity',
  period: 'P1M',
  from: '2025-01-01',
  to: '2026-01-01',
  model: 'regression',
  drivers: ['production'],
  reason: 'the year before the assessment',
};
export const factor = {
  id: 'diesel-ncv',
  name: 'Dầu DO, nhiệt trị',
  kind: 'ncv',
  carrier: 'diesel',
  value: 43,
  unit: 'MJ',
  per: 'kg',
  source: { document: 'IPCC 2006 Guidelines, vol. 2, table 1.2', verified: false },
};
export const officer = { id: 'an', name: 'Lê Thị An' };
export const participation = {
  id: 'bim-son',
  applying: { holds: true, since: '2024-03-01', evidence: 'QĐ 12/2024' },
  training: { trained: 2, of: 3, on: '2025-06-30', who: 'Tổ SXSH', evidence: 'Chứng nhận 6/2025' },
  baselines: ['bs1-power-2025'],
};
export const assessment = { id: 'bim-son', tasks: [{ task: 1, state: 'done', on: '2025-01-10' }] };
export const mapping = {
  id: 'plc',
  enterprise: 'bim-son',
  site: 'bs1',
  door: 'line-protocol',
  match: { measurement: 'modbus', 'tag.host': 'plc-{line}' },
  meter: 'bs1-{line}-{field}',
};
export const key = {
  id: 'gw-1',
  name: 'gateway',
  role: 'plant',
  enterprise: 'bim-son',
  hash: 'a'.repeat(64),
  createdAt: t0,
};

/** Everything above in the order in which it refers. */
export const sample: readonly (readonly [EntityKind, { readonly id: string }])[] = [
  ['enterprise', enterprise],
  ['site', site],
  ['source', source],
  ['meter', meter],
  ['meter', dust],
  ['limit', limit],
  ['baseline', baseline],
  ['factor', factor],
  ['officer', officer],
  ['participation', participation],
  ['assessment', assessment],
  ['mapping', mapping],
  ['key', key],
];

/** Submits the body against what stands. */
export function put(
  registry: Registry,
  kind: EntityKind,
  body: { readonly id: string; readonly [field: string]: unknown },
): Promise<SubmitResult> {
  const expectedVersion = registry.get(kind, body.id)?.version ?? 0;
  return registry.submit({ kind, entity: body.id, expectedVersion, body, by: 'test' });
}

export function retire(registry: Registry, kind: EntityKind, id: string): Promise<SubmitResult> {
  const expectedVersion = registry.get(kind, id)?.version ?? 0;
  return registry.submit({ kind, entity: id, expectedVersion, body: null, by: 'test' });
}

/** @throws Error when a part of the sample is refused */
export async function putSample(registry: Registry): Promise<void> {
  for (const [kind, body] of sample) {
    const result = await put(registry, kind, body);
    if (!result.ok) throw new Error(`sample ${kind} ${body.id}: ${JSON.stringify(result)}`);
  }
}

export const allKinds = [
  'enterprise',
  'site',
  'source',
  'meter',
  'limit',
  'baseline',
  'factor',
  'officer',
  'participation',
  'assessment',
  'mapping',
  'key',
] as const;

/** Everything that stands, for comparing registries. */
export function everything(registry: Pick<Registry, 'list'>): unknown {
  return allKinds.map((kind) => [kind, registry.list(kind)]);
}

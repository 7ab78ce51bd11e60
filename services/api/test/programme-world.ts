import { mergeRollups, rollupHours, saysSomething, windowAt, windowsBetween } from '@songma/domain';
import { openApi, type ApiWorld } from './api-world.ts';

const dayMs = 86_400_000;
/** Baselines span the twelve months from here, and the twelve after them are judged at the clock of the tests. */
const first = Date.parse('2024-11-01T00:00:00+07:00');
const judged = Date.parse('2025-11-01T00:00:00+07:00');
const last = Date.parse('2026-11-01T00:00:00+07:00');

/** Creates an entity through the door. */
export async function put(world: ApiWorld, url: string, body: unknown): Promise<void> {
  const written = await world.ask(url, { method: 'PUT', body, headers: { 'if-none-match': '*' } });
  if (written.statusCode >= 300) throw new Error(`${url}: ${written.body}`);
}

export interface Mill {
  readonly id: string;
  readonly sector: string;
  readonly size?: string;
  /** kWh a tonne in the twelve months that are judged; 100 in those of the baseline. */
  readonly intensity?: number;
  /** Days at the beginning of the twelve months of which nothing was read. */
  readonly daysMissing?: number;
  readonly participation?: Readonly<Record<string, unknown>>;
}

/** Registers an enterprise with a site, and where it has an intensity two years of readings and a baseline. */
export async function addMill(world: ApiWorld, mill: Mill): Promise<void> {
  const { id, sector, size, intensity, daysMissing = 0, participation } = mill;
  await put(world, `/v1/enterprises/${id}`, { name: `Nhà máy ${id}`, sector, ...(size && { size }) });
  await put(world, `/v1/sites/${id}-site`, { enterprise: id, name: id });
  if (intensity !== undefined) {
    const daily = { site: `${id}-site`, kind: 'interval', intervalMs: dayMs };
    const kwh: number[][] = [];
    const tonnes: number[][] = [];
    for (let time = first; time < last; time += dayMs) {
      const made = 90 + ((time / dayMs) % 20);
      tonnes.push([time, made]);
      if (time < judged) kwh.push([time, 100 * made]);
      else if (time >= judged + daysMissing * dayMs) kwh.push([time, intensity * made]);
    }
    for (const [meter, quantity, unit, readings] of [
      [`${id}-kwh`, 'electricity', 'kWh', kwh],
      [`${id}-tonnes`, 'production', 't', tonnes],
    ] as const) {
      await put(world, `/v1/meters/${meter}`, { ...daily, name: meter, quantity, unit });
      await world.store(meter, readings);
      await keepMonths(world, meter);
    }
    await put(world, `/v1/baselines/${id}-power`, {
      enterprise: id,
      name: 'Điện, 12 tháng trước đánh giá',
      resource: 'electricity',
      period: 'P1M',
      from: '2024-11-01',
      to: '2025-11-01',
      model: 'ratio',
      reason: 'the twelve months before the assessment',
    });
  }
  if (participation !== undefined) await put(world, `/v1/participations/${id}`, participation);
}

/** Plays the worker with what a baseline of months reads of daily meters: two years of hours are slow to keep. */
async function keepMonths({ registry, seriesStore }: ApiWorld, id: string): Promise<void> {
  const { meter, site } = registry.meter(id)!;
  const zone = site.timeZone;
  for await (const chunk of seriesStore.read({
    ranges: [{ site: site.id, meters: [id], from: first, to: last }],
  })) {
    const hours = rollupHours(meter, zone, chunk, windowsBetween('PT1H', first, last, zone));
    const rollups = (['P1D', 'P1M', 'P1Y'] as const).flatMap((kind) => {
      const partsOf = Map.groupBy(hours, ({ start }) => windowAt(kind, start, zone).start);
      return windowsBetween(kind, first, last, zone)
        .map((window) => ({ ...mergeRollups(kind, window, partsOf.get(window.start)!), revision: 1 }))
        .filter(saysSomething);
    });
    await seriesStore.keep({ rollups, indicators: [] });
  }
}

/** A world of the usual enterprises and these. */
export async function openMills(mills: readonly Mill[]): Promise<ApiWorld> {
  const world = await openApi();
  for (const mill of mills) await addMill(world, mill);
  return world;
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drive } from '../support/driver.ts';
import { furnishings } from '../support/furnishings.ts';
import { createJournal } from '../support/journal.ts';
import { untilSettled } from '../support/settle.ts';
import { seedRegistry } from '../support/stores.ts';
import { startSystem, type Furnishing, type System } from '../support/system.ts';
import { stepsCovered, traffic } from '../support/traffic.ts';
import { buildWorld, minuteMs } from '../support/world.ts';

const world = buildWorld({
  seed: 5,
  enterprises: 2,
  sitesPerEnterprise: 4,
  metersPerSite: 10,
  from: Date.UTC(2026, 0, 5, 17),
  stepMs: minuteMs,
});
const size = { readings: 8 * 10 * 60 * 6, batchRows: 100 };
/** More trouble than the benchmark's: every tenth reading comes late, twice, corrected or wrong. */
const mix = { resent: 0.05, late: 0.1, corrected: 0.05, invalid: 0.01 };

/** What depends on when it was computed, and in how many steps: no answer about the plants. */
const volatileOfSeries = new Set(['knownAt', 'revision', 'inputs', 'publishedAt']);
const volatileOfAlerts = new Set(['raisedAt', 'changedAt', 'resolvedAt', 'revision', 'cause', 'replaces']);

type Answers = Record<string, unknown>;

const both = await furnishings();
const missing = both.find(({ isAvailable }) => !isAvailable);

describe.skipIf(missing !== undefined)(
  `Both furnishings${missing === undefined ? '' : `: ${missing.title}`}`,
  () => {
    const systems = new Map<Furnishing, System>();
    const answers = new Map<Furnishing, Answers>();

    beforeAll(async () => {
      for (const { furnishing } of both) {
        const system = await startSystem({ furnishing, prepare: (env) => seedRegistry(env, world) });
        systems.set(furnishing, system);
        const journal = createJournal(world, stepsCovered(world, size));
        const driven = await drive({
          url: system.url,
          pushes: traffic(world, { ...size, mix }),
          journal,
          inFlightMax: 8,
        });
        if (driven.wrong.length > 0) throw new Error(driven.wrong.join('\n'));
        await untilSettled(system);
        answers.set(furnishing, await ask(system));
      }
    });
    afterAll(async () => {
      for (const system of systems.values()) {
        await system.stop();
        await system.remove();
      }
    });

    it('were asked questions that have answers', () => {
      const [first] = answers.values();
      expect(Object.keys(first!)).toHaveLength(24);
      for (const answer of Object.values(first!)) expect((answer as unknown[]).length).toBeGreaterThan(0);
    });

    it('give the same answers, to the digit', () => {
      expect(answers.get('cluster')).toEqual(answers.get('embedded'));
    });
  },
);

/** Series of every kind of meter in every window, indicators and alerts, without what is volatile. */
async function ask(system: System): Promise<Answers> {
  const day = 'from=2026-01-06&to=2026-01-08';
  const site = world.sites[3]!;
  const meters = site.meters
    .slice(0, 6)
    .map(({ id }) => id)
    .join(',');
  const found: Answers = {};
  const get = async (path: string) => {
    const response = await fetch(`${system.url}${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { items: unknown[] }).items;
  };
  for (const window of ['raw', 'PT15M', 'PT1H', 'P1D', 'P1M', 'P1Y']) {
    found[window] = without(
      volatileOfSeries,
      await get(`/v1/series?meter=${meters}&${day}&window=${window}`),
    );
  }
  for (const window of ['PT15M', 'PT1H', 'P1D', 'P1M', 'P1Y']) {
    const asOf = encodeURIComponent('2100-01-01T00:00:00Z');
    const path = `/v1/series?meter=${meters}&${day}&window=${window}&asOf=${asOf}`;
    found[`${window} as known in 2100`] = without(volatileOfSeries, await get(path));
  }
  for (const window of ['P1D', 'P1M', 'P1Y', 'R12M']) {
    for (const scope of ['enterprise', 'site']) {
      // Of windows of any length, those that the traffic's days lie in.
      const path = `/v1/indicators?scope=${scope}&window=${window}&from=2025-01-01&to=2026-01-08&limit=1000`;
      found[`${scope} indicators ${window}`] = without(volatileOfSeries, await get(path));
    }
  }
  found['alerts'] = without(volatileOfAlerts, await get('/v1/alerts'));
  for (const collection of ['enterprises', 'sites', 'limits', 'factors']) {
    found[collection] = without(new Set(['changedAt']), await get(`/v1/${collection}?limit=1000`));
  }
  return found;
}

function without(fields: ReadonlySet<string>, items: readonly unknown[]): unknown[] {
  return items.map((item) =>
    Object.fromEntries(Object.entries(item as object).filter(([name]) => !fields.has(name))),
  );
}

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCaseBook } from '@songma/cases';
import type { AlertStep, EntityKind } from '@songma/domain';
import { openEventLog } from '@songma/event-log';
import { openRegistry } from '@songma/registry';
import { createLogger, createMetrics, loadConfig } from '@songma/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deskSettings, startDesk } from '../src/desk.ts';
import { alertAt, bodies, hour, revised } from './histories.ts';

const logger = createLogger({ service: 'desk-test', level: 'silent' });
const encoder = new TextEncoder();
/** Monday 2026-01-05, 10:00 in Thanh Hóa. */
const morning = Date.UTC(2026, 0, 5, 3);
const alert = alertAt('l1', morning - hour, 1.2);

let dataDir: string;
let closers: (() => Promise<void>)[];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'songma-desk-'));
  closers = [];
});
afterEach(async () => {
  await stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function stop(): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close();
}

/** A desk on the embedded log, with messages as files. */
async function open(now = morning) {
  const eventLog = await openEventLog({ adapter: 'sqlite', dataDir }, { logger });
  closers.push(() => eventLog.close());
  const registry = await openRegistry({ eventLog, logger, now: () => now });
  closers.push(() => registry.close());
  const book = await openCaseBook({ eventLog });
  closers.push(() => book.close());
  const config = loadConfig(deskSettings, { SONGMA_DATA: dataDir, PUBLIC_URL: 'http://localhost:8080/' });
  const deps = {
    logger,
    metrics: createMetrics({ ofProcess: false }),
    eventLog,
    registry,
    book,
    now: () => now,
  };
  const desk = await startDesk(deps, config);
  closers.push(() => desk.close());
  const tell = (step: AlertStep) =>
    eventLog.append('alerts', [{ key: step.alert, value: encoder.encode(JSON.stringify(step)) }]);
  return { registry, book, desk, tell };
}

async function register({ registry }: Awaited<ReturnType<typeof open>>): Promise<void> {
  const dust = {
    id: 'dust',
    site: 'mill',
    name: 'Bụi',
    quantity: 'concentration',
    kind: 'level',
    unit: 'mg/m3',
    intervalMs: 300_000,
  };
  const kinds: readonly (readonly [EntityKind, readonly { readonly id: string }[]])[] = [
    ['enterprise', bodies.enterprise],
    ['site', bodies.site],
    ['meter', [dust]],
    ['person', bodies.person],
    ['policy', bodies.policy],
  ];
  for (const [kind, entities] of kinds) {
    for (const body of entities) {
      const plain = JSON.parse(JSON.stringify(body)) as object;
      const territory = body.id === 'binh' ? { territory: [{ kind: 'ward', name: 'Nghi Sơn' }] } : {};
      const result = await registry.submit({
        kind,
        entity: body.id,
        expectedVersion: 0,
        body: { ...plain, ...territory },
        by: 'test',
      });
      if (!result.ok) throw new Error(JSON.stringify(result));
    }
  }
}

/** The texts of the mails so far. */
async function mails(): Promise<string[]> {
  const names = await readdir(join(dataDir, 'mail'), { recursive: true }).catch(() => []);
  const files = names.filter((name) => name.endsWith('.eml')).toSorted();
  return Promise.all(files.map((name) => readFile(join(dataDir, 'mail', name), 'utf8')));
}

const raised: AlertStep = { step: 'revised', alert: alert.id, at: morning, change: 'raised', after: alert };
const deadline = { timeout: 20_000, interval: 50 };

describe('the desk', () => {
  it('writes a mail for whoever is told of an alert, with a link that acknowledges', async () => {
    const world = await open();
    await register(world);
    await world.tell(raised);
    await expect.poll(async () => (await mails()).length, deadline).toBe(2);
    const all = (await mails()).join('\n');
    expect(all).toContain('an@example.vn');
    expect(all).toContain('plant@example.vn');
    expect(all).toMatch(/Auto-Submitted: auto-generated/i);
    // The file is there a moment before the note of it.
    const states = () => [...world.book.facts.notices()].map(({ state }) => state);
    await expect.poll(states, deadline).toEqual(['sent', 'sent']);
    // What is kept says where the token goes, and not the token.
    expect(JSON.stringify([...world.book.facts.notices()])).not.toMatch(/#t=[A-Za-z0-9_-]{30}/);
  });

  it('says nothing twice after a restart, and goes on where it was', async () => {
    const world = await open();
    await register(world);
    await world.tell(raised);
    await expect.poll(async () => (await mails()).length, deadline).toBe(2);
    await stop();
    const later = await open(morning + 3 * hour);
    await expect.poll(async () => (await mails()).length, deadline).toBe(3);
    const steps = later.book.facts.context(alert.id, later.registry)!.file.steps;
    expect(steps.filter(({ step }) => step === 'escalated').length).toBe(2);
    // Nothing is due but what was: three hours of absence are one step.
    await later.tell({
      ...raised,
      at: morning + 3 * hour,
      change: 'revised',
      after: revised(alert, morning + 3 * hour, {}),
    });
    await expect.poll(() => later.book.facts.alert(alert.id)?.revision, deadline).toBe(2);
    expect((await mails()).length).toBe(3);
  });

  it('takes a step of a case that this build does not know for nothing', async () => {
    const world = await open();
    await register(world);
    await world.tell({ ...raised, step: 'smelled' } as never);
    await world.tell(raised);
    await expect.poll(async () => (await mails()).length, deadline).toBe(2);
  });
});

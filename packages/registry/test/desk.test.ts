import type { EntityKind } from '@songma/domain';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventLog } from '@songma/event-log';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey, openRegistry, type Registry } from '../src/index.ts';
import { dust, key, logger, openLog, putSample, put, retire, site, t0, temporaryDir } from './sample.ts';

type Body = { readonly id: string; readonly [field: string]: unknown };

const an = { id: 'an', name: 'Lê Thị An', role: 'officer', mail: 'an@example.vn' };
const binh = { id: 'binh', name: 'Trần Bình', role: 'officer' };
const plant = { id: 'cuc', name: 'Đỗ Cúc', role: 'plant', enterprise: 'bim-son' };
const admin = { id: 'dung', name: 'Lý Dũng', role: 'admin', mail: 'dung@example.vn' };
const roster = {
  id: 'centre',
  name: 'Trung tâm quan trắc',
  layers: [{ from: '2026-01-05', persons: ['an', 'binh'], days: 7 }],
  last: 'dung',
};
const policy = {
  id: 'all',
  name: 'Vượt ngưỡng',
  steps: [{ afterMin: 0, to: [{ kind: 'plant' }, { kind: 'roster', id: 'centre' }] }],
};
const mail = { id: 'an-mail', person: 'an', kind: 'smtp' };
const hook = { id: 'an-hook', person: 'an', kind: 'webhook', url: 'https://example.vn/hook' };
const outage = { id: 'overhaul', source: 'kiln-2', from: t0, to: t0 + 1, reason: 'Đại tu', approvedBy: 'an' };
const duty = {
  id: 'notice',
  name: 'Báo gián đoạn',
  trigger: 'long-silence',
  who: 'Cơ sở',
  what: 'Thông báo bằng văn bản',
  source: { document: 'Quy định của tỉnh', verified: false },
};
const desk: readonly (readonly [EntityKind, Body])[] = [
  ['person', an],
  ['person', binh],
  ['person', plant],
  ['person', admin],
  ['roster', roster],
  ['policy', policy],
  ['channel', mail],
  ['channel', hook],
  ['outage', outage],
  ['duty', duty],
];

async function withDesk(): Promise<{ registry: Registry; close(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'songma-registry-desk-'));
  const eventLog = await openEventLog({ adapter: 'sqlite', dataDir }, { logger });
  const registry = await openRegistry({ eventLog, logger, now: () => t0 });
  await putSample(registry);
  for (const [kind, body] of desk)
    expect([kind, await put(registry, kind, body)]).toMatchObject([kind, { ok: true }]);
  return {
    registry,
    async close() {
      await registry.close();
      await eventLog.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

const at = (kind: string, name: string) => ({ ...an, territory: [{ kind, name }] });
const layer = (changes: object) => ({ ...roster, layers: [{ ...roster.layers[0]!, ...changes }] });
const override = { from: t0, to: t0 + 1, add: ['an'], reason: 'Nghỉ' };
const overridden = (changes: object) => ({ ...roster, overrides: [{ ...override, ...changes }] });
const to = (...recipients: object[]) => ({ ...policy, steps: [{ afterMin: 0, to: recipients }] });

const refused: readonly (readonly [string, EntityKind, Body, string, RegExp])[] = [
  ['a person without a name', 'person', { ...an, name: ' ' }, 'name', /Too small/],
  ['a person of no role', 'person', { id: 'x', name: 'X' }, 'role', /Invalid/],
  ['a mail address that is none', 'person', { ...an, mail: 'an@' }, 'mail', /email/],
  [
    'a mail address with a line break',
    'person',
    { ...an, mail: 'an@example.vn\nBcc: x@x.vn' },
    'mail',
    /email/,
  ],
  [
    'a person of a plant without it',
    'person',
    { ...plant, id: 'x', enterprise: undefined },
    'enterprise',
    /must name/,
  ],
  [
    'an officer of an enterprise',
    'person',
    { ...an, id: 'x', enterprise: 'bim-son' },
    'enterprise',
    /of no enterprise/,
  ],
  ['a person who changes the role', 'person', { ...an, role: 'analyst' }, 'role', /another person/],
  ['a territory of an unknown site', 'person', at('site', 'x'), 'territory.0.name', /no site "x"/],
  [
    'a territory of an unknown enterprise',
    'person',
    at('enterprise', 'x'),
    'territory.0.name',
    /no enterprise "x"/,
  ],
  [
    'a territory of an unknown ward',
    'person',
    at('ward', 'Bỉm Xơn'),
    'territory.0.name',
    /no ward "Bỉm Xơn"/,
  ],
  [
    'a territory of an unknown province',
    'person',
    at('province', 'Thanh Hoá cũ'),
    'territory.0.name',
    /no province/,
  ],
  ['a territory of an unknown zone', 'person', at('zone', 'Nghi Sơn'), 'territory.0.name', /no zone/],
  [
    'a territory of a plant’s person that is no site',
    'person',
    { ...plant, territory: [{ kind: 'enterprise', name: 'bim-son' }] },
    'territory.0.kind',
    /sites/,
  ],
  [
    'a roster of an unknown person',
    'roster',
    layer({ persons: ['x'] }),
    'layers.0.persons.0',
    /no person "x"/,
  ],
  ['a roster of a plant’s person', 'roster', layer({ persons: ['cuc'] }), 'layers.0.persons.0', /role plant/],
  [
    'a roster whose last cannot be reached',
    'roster',
    { ...roster, last: 'binh' },
    'last',
    /nobody would be told/,
  ],
  ['a roster without a last', 'roster', { ...roster, last: undefined }, 'last', /string/],
  ['a layer of nobody', 'roster', layer({ persons: [] }), 'layers.0.persons', /Too small/],
  ['a layer that ends before it begins', 'roster', layer({ to: '2026-01-05' }), 'layers.0.to', /not after/],
  ['a hand-off at no time', 'roster', layer({ handOffAt: '24:00' }), 'layers.0.handOffAt', /clock/],
  ['a roster in no zone', 'roster', { ...roster, timeZone: 'Asia/Thanh_Hoa' }, 'timeZone', /no time zone/],
  ['an override that ends before it begins', 'roster', overridden({ to: t0 }), 'overrides.0.to', /not after/],
  ['an override that changes nothing', 'roster', overridden({ add: [] }), 'overrides.0', /nothing/],
  [
    'an override of an unknown person',
    'roster',
    overridden({ remove: ['x'] }),
    'overrides.0.remove.0',
    /no person/,
  ],
  ['a policy that tells no officer', 'policy', to({ kind: 'plant' }), 'steps', /no officer/],
  ['a policy without a step', 'policy', { ...policy, steps: [] }, 'steps', /Too small/],
  [
    'a policy of an unknown roster',
    'policy',
    to({ kind: 'roster', id: 'x' }),
    'steps.0.to.0.id',
    /no roster "x"/,
  ],
  ['a policy that names no roster', 'policy', to({ kind: 'roster' }), 'steps.0.to.0.id', /name the roster/],
  [
    'a policy that names a plant',
    'policy',
    to({ kind: 'plant', id: 'bim-son' }, { kind: 'person', id: 'an' }),
    'steps.0.to.0.id',
    /leave/,
  ],
  [
    'a policy of a kind that is none',
    'policy',
    { ...policy, select: { kinds: ['smell'] } },
    'select.kinds.0',
    /Invalid/,
  ],
  [
    'a policy of an unknown ward',
    'policy',
    { ...policy, select: { territory: { kind: 'ward', name: 'x' } } },
    'select.territory.name',
    /no ward/,
  ],
  ['a channel of nobody', 'channel', { ...mail, id: 'x', person: 'x' }, 'person', /no person/],
  ['a webhook without a URL', 'channel', { id: 'x', person: 'an', kind: 'webhook' }, 'url', /must name/],
  ['a webhook that is no web address', 'channel', { ...hook, url: 'file:///etc/passwd' }, 'url', /URL/i],
  ['a webhook with a mail address', 'channel', { ...hook, address: 'an@example.vn' }, 'address', /leave/],
  ['a mail channel with a URL', 'channel', { ...mail, url: hook.url }, 'url', /leave/],
  [
    'a mail channel without any address',
    'channel',
    { ...mail, id: 'x', person: 'binh' },
    'address',
    /no mail/,
  ],
  ['a channel that changes hands', 'channel', { ...mail, person: 'dung' }, 'person', /another channel/],
  ['an outage of nothing', 'outage', { ...outage, source: undefined }, '', /one of/],
  ['an outage of two things', 'outage', { ...outage, site: 'bs1' }, '', /one of/],
  ['an outage that ends before it begins', 'outage', { ...outage, to: t0 }, 'to', /not after/],
  ['an outage that nobody approved', 'outage', { ...outage, approvedBy: 'x' }, 'approvedBy', /no person/],
  [
    'a duty that says too much of how sure it is',
    'duty',
    { ...duty, source: { document: 'x', verified: false, assurance: 'text' } },
    'source.assurance',
    /./,
  ],
  ['a meter that is a part of itself', 'meter', { ...dust, parent: dust.id }, 'parent', /part of itself/],
  ['a meter that is a part of none', 'meter', { ...dust, parent: 'x' }, 'parent', /no meter "x"/],
  [
    'a key of an officer that is nobody’s',
    'key',
    { ...key, id: 'x', role: 'officer', enterprise: undefined, name: 'x' },
    'person',
    /must name its person/,
  ],
  [
    'a key of a person of another role',
    'key',
    { ...key, id: 'x', name: 'x', person: 'an' },
    'person',
    /role officer/,
  ],
  [
    'a key of a person of another enterprise',
    'key',
    { ...key, id: 'x', name: 'x', enterprise: undefined, person: 'cuc' },
    'enterprise',
    /the same|must name/,
  ],
];

describe('the desk in the registry', () => {
  let registry: Registry;
  let close: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const opened = await withDesk();
    registry = opened.registry;
    close = () => opened.close();
  });
  afterAll(() => close?.());

  it.each(refused)('refuses %s', async (_title, kind, body, path, problem) => {
    const result = await put(registry, kind, JSON.parse(JSON.stringify(body)) as typeof body);
    expect(result).toMatchObject({ ok: false, reason: 'invalid' });
    const problems = (result as unknown as { problems: { path: string; problem: string }[] }).problems;
    expect(problems).toContainEqual(
      expect.objectContaining({ path, problem: expect.stringMatching(problem) as string }),
    );
  });

  it.each([
    ['ward', 'Phường Bỉm Sơn'],
    ['ward', 'bỉm sơn'],
    ['ward', 'Nghi Sơn'],
    ['province', 'Tỉnh Thanh Hóa'],
    ['province', 'Nghệ An'],
    ['site', 'bs1'],
    ['enterprise', 'bim-son'],
  ])('takes a territory of %s "%s"', async (kind, name) => {
    expect(await put(registry, 'person', at(kind, name))).toMatchObject({ ok: true });
  });

  it('takes a zone and a ward once a site lies in them', async () => {
    expect(
      await put(registry, 'site', { ...site, zone: 'Khu kinh tế Nghi Sơn', ward: 'Xã Cũ' }),
    ).toMatchObject({ ok: true });
    expect(await put(registry, 'person', at('zone', 'khu kinh tế nghi sơn'))).toMatchObject({ ok: true });
    expect(await put(registry, 'person', at('ward', 'Cũ'))).toMatchObject({ ok: true });
  });

  it.each([
    ['person', 'an', /roster "centre"/],
    ['roster', 'centre', /policy "all"/],
    ['person', 'dung', /roster/],
  ] as const)('does not retire %s "%s" as long as somebody is told by it', async (kind, id, who) => {
    const result = await retire(registry, kind, id);
    expect(result).toMatchObject({
      ok: false,
      problems: [{ problem: expect.stringMatching(who) as string }],
    });
  });

  it('does not retire a site that somebody answers for', async () => {
    await put(registry, 'person', { ...binh, territory: [{ kind: 'site', name: 'bs1' }] });
    expect(await retire(registry, 'site', 'bs1')).toMatchObject({
      ok: false,
      problems: [{ problem: expect.stringContaining('person "binh"') as string }],
    });
  });

  it('makes a key of a person', async () => {
    const { key: made } = createApiKey({ id: 'an-key', name: 'An', role: 'officer', person: 'an', now: t0 });
    expect(await put(registry, 'key', { ...made })).toMatchObject({ ok: true });
    expect(registry.get('key', 'an-key')?.body.person).toBe('an');
  });

  it('reads keys of officers that earlier builds made for nobody, and lets them be renamed', async () => {
    const eventLog = await openLog(await temporaryDir());
    const body = { id: 'old', name: 'old', role: 'officer', hash: 'a'.repeat(64), createdAt: t0 };
    const command = { id: 'c', kind: 'key', entity: 'old', expectedVersion: 0, body, by: 'earlier', at: t0 };
    await eventLog.append('registry', [
      { key: 'key/old', value: new TextEncoder().encode(JSON.stringify(command)) },
    ]);
    const earlier = await openRegistry({ eventLog, logger, now: () => t0 });
    expect(earlier.get('key', 'old')?.body.role).toBe('officer');
    expect(await put(earlier, 'key', { ...body, name: 'renamed' })).toMatchObject({ ok: true });
    await earlier.close();
  });
});

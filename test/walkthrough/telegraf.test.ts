import { setTimeout as wait } from 'node:timers/promises';
import { createClient, type SongmaClient } from '@songma/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { furnishings } from '../support/furnishings.ts';
import { startSystem, type System } from '../support/system.ts';
import { openTelegraf, telegrafAvailability, type Telegraf } from '../support/telegraf.ts';
import { until } from '../support/until.ts';

/** How long Songma is away in the middle of it: `TELEGRAF_OUTAGE_MS=300000` for five minutes. */
const outageMs = Number(process.env['TELEGRAF_OUTAGE_MS'] ?? 3_000);

const meter = (id: string, site: string) => ({
  id,
  site,
  name: id,
  quantity: 'temperature',
  kind: 'level',
  unit: 'Cel',
  intervalMs: 60_000,
});
const world = {
  enterprises: [
    { id: 'works', name: 'Xi măng Thử', sector: '2394' },
    { id: 'sugar', name: 'Đường Thử', sector: '1072' },
  ],
  sites: [
    { id: 'works-1', enterprise: 'works', name: 'Nhà máy 1' },
    { id: 'sugar-1', enterprise: 'sugar', name: 'Nhà máy đường' },
  ],
  meters: [
    meter('kiln-1-gas', 'works-1'),
    meter('kiln-1-shell', 'works-1'),
    meter('outage-v1', 'works-1'),
    meter('outage-v2', 'works-1'),
    meter('sugar-pan', 'sugar-1'),
  ],
  'source-mappings': [
    {
      id: 'works-plc',
      enterprise: 'works',
      door: 'line-protocol',
      match: { measurement: 'modbus', 'tag.name': 'PLC {line}' },
      meter: 'kiln-{line}-{field}',
      unit: 'K',
    },
  ],
};

/** The minute `i` of the story, as nanoseconds. */
const minute = (i: number) => `${1_772_409_600 + 60 * i}000000000`;

const found = await telegrafAvailability();

for (const { furnishing, title, isAvailable } of await furnishings()) {
  const name = `A plant with Telegraf ${title}${'reason' in found ? `, ${found.reason}` : ''}`;
  describe.skipIf(!isAvailable || 'reason' in found)(name, () => {
    let system: System;
    let admin: SongmaClient;
    let plant: SongmaClient;
    let token: string;
    let telegraf: Telegraf;

    beforeAll(async () => {
      telegraf = await openTelegraf((found as { program: string }).program);
      system = await startSystem({ furnishing });
      admin = createClient({ url: system.url, token: system.adminToken });
      for (const [collection, entities] of Object.entries(world)) {
        for (const entity of entities) {
          await admin.put(`/v1/${collection}/${entity.id}`, entity, { ifNoneMatch: '*' });
        }
      }
      const { body } = await admin.post('/v1/keys', { name: 'Telegraf', role: 'plant', enterprise: 'works' });
      ({ token } = body as { token: string });
      plant = createClient({ url: system.url, token });
      await until('the door to know the key', () => quarantine().catch(() => undefined));
    });
    afterAll(async () => {
      await Promise.all([admin, plant].map((client) => client?.close()));
      await telegraf?.remove();
      await system?.stop();
      await system?.remove();
    });

    const agent = `[agent]
  interval = "200ms"
  flush_interval = "200ms"
  metric_batch_size = 10
  metric_buffer_limit = 100000
  omit_hostname = true
`;
    const version2 = (more = '') => `[[outputs.influxdb_v2]]
  urls = ["${system.url}"]
  token = "${token}"
  organization = "any"
  bucket = "any"
${more}`;
    const version1 = (more = '') => `[[outputs.influxdb]]
  urls = ["${system.url}"]
  database = "telegraf"
  username = "any"
  password = "${token}"
${more}`;
    const linesOf = async (file: string, lines: readonly string[]) => `[[inputs.file]]
  files = ["${await telegraf.file(file, lines.join('\n'))}"]
  data_format = "influx"
`;

    interface Raw {
      readonly time: string;
      readonly value: number;
    }
    const readings = async (of: string): Promise<Raw[]> => {
      const path = `/v1/series?meter=${of}&from=2026-03-02&to=2026-05-02&window=raw&limit=1000`;
      return ((await admin.get(path)).body as { items: Raw[] }).items;
    };
    interface Waiting {
      readonly id: string;
      readonly code: string;
      readonly raw: string;
      readonly reason: string;
    }
    const quarantine = async () => (await plant.get('/v1/quarantine')).body as { items: Waiting[] };
    const stored = (of: string, count: number) =>
      until(`${count} readings of ${of}`, async () => {
        const items = await readings(of);
        return items.length >= count ? items : undefined;
      });
    const lines = ['gas=1273.15,shell=573.15', 'gas=1283.15'].map(
      (fields, i) => `modbus,name=PLC\\ 1 ${fields} ${minute(i)}`,
    );

    it('pushes as it is: what it gathers is stored, by the mapping and in the meter’s unit', async () => {
      const log = await telegraf.once(agent + version2() + (await linesOf('a.lp', lines)));
      expect(log).not.toContain('E!');
      const gas = await stored('kiln-1-gas', 2);
      expect(gas.map(({ value }) => value)).toEqual([1000, 1010]);
      expect((await stored('kiln-1-shell', 1)).map(({ value }) => value)).toEqual([300]);
    });

    it('may send the same again, packed and by the other version: there is each reading once', async () => {
      const input = await linesOf('a.lp', lines);
      for (const output of [version2('  content_encoding = "gzip"\n'), version2(), version1()]) {
        expect(await telegraf.once(agent + output + input)).not.toContain('E!');
      }
      await telegraf.once(
        agent + version1() + (await linesOf('b.lp', [`modbus,name=PLC\\ 1 gas=1293.15 ${minute(2)}`])),
      );
      expect(await stored('kiln-1-gas', 3)).toHaveLength(3);
    });

    it('has the lines of another plant refused one by one, and the others taken', async () => {
      const log = await telegraf.once(
        agent +
          version2() +
          (await linesOf('c.lp', [
            `pan,meter=sugar-pan value=1 ${minute(0)}`,
            `modbus,name=PLC\\ 1 gas=1303.15 ${minute(3)}`,
          ])),
      );
      expect(log).not.toContain('E!');
      await stored('kiln-1-gas', 4);
      const rows = await until('the refused line', async () => {
        const { items } = await quarantine();
        return items.length > 0 ? items : undefined;
      });
      expect(rows).toMatchObject([
        { code: 'meter_unknown', raw: `pan,meter=sugar-pan value=1 ${minute(0)}` },
      ]);
      expect(await readings('sugar-pan')).toEqual([]);
    });

    it('is told which mapping is missing, does not repeat, and has it replayed when the mapping is there', async () => {
      const running = await telegraf.start(
        agent + version2() + (await linesOf('d.lp', [`opcua,id=G gas=1313.15 ${minute(4)}`])),
      );
      const refused = () => running.logged().split('will be dropped').length - 1;
      await until('Telegraf to be told', async () => (refused() > 0 ? true : undefined));
      expect(running.logged()).toContain('No source mapping says which meter');
      await running.stop();
      const row = await until('the line in quarantine', async () =>
        (await quarantine()).items.find(({ code }) => code === 'source_unmapped'),
      );
      const rule = JSON.parse(/such as (\{.*\}), and/.exec(row.reason)![1]!) as object;
      const mapping = { ...rule, enterprise: 'works', meter: 'kiln-1-gas', unit: 'K' };
      await plant.put('/v1/source-mappings/works-opcua', mapping, { ifNoneMatch: '*' });
      await until('the door to know the mapping', async () =>
        plant.post(`/v1/quarantine/${row.id}/replay`, {}).catch(() => undefined),
      );
      await stored('kiln-1-gas', 5);
    });

    it('loses nothing while Songma is away', async () => {
      const count = 100;
      // Telegraf's own source of lines: one after the other, as a logger would give them.
      const script = await telegraf.file(
        'lines.sh',
        `for i in $(seq 1 ${count}); do
  echo "load,meter=outage-v1 value=$i $((1772409600 + 60 * i))000000000"
  echo "load,meter=outage-v2 value=$i $((1772409600 + 60 * i))000000000"
  sleep 0.05
done
exec sleep 100000
`,
      );
      const input = `[[inputs.execd]]
  command = ["sh", "${script}"]
  signal = "none"
  data_format = "influx"
`;
      const running = await telegraf.start(
        agent +
          version2('  [outputs.influxdb_v2.tagpass]\n    meter = ["outage-v2"]\n') +
          version1('  [outputs.influxdb.tagpass]\n    meter = ["outage-v1"]\n') +
          input,
      );
      await Promise.all(['outage-v1', 'outage-v2'].map((id) => stored(id, 10)));
      const door = system.parts.find((part) => part === 'ingest') ?? 'standalone';
      await system.kill(door);
      await wait(outageMs);
      await system.start(door);
      for (const id of ['outage-v1', 'outage-v2']) {
        const values = (await stored(id, count)).map(({ value }) => value);
        expect(values).toEqual(Array.from({ length: count }, (_, i) => i + 1));
      }
      await running.stop();
    });
  });
}

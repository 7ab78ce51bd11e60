import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface ComposeService {
  image: string;
  profiles?: string[];
  command?: string[];
  environment?: Record<string, string | number>;
  healthcheck?: { test: string[] };
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  networks?: string[];
}

const root = join(import.meta.dirname, '..');
const compose: {
  services: Record<string, ComposeService>;
  networks: Record<string, { internal?: boolean } | null>;
} = parse(await readFile(join(root, 'docker-compose.yml'), 'utf8'), { merge: true });
const services = Object.entries(compose.services);
/** Services without a port of their own that ask for something outside, such as a mail server. */
const asksOutside: ReadonlySet<string> = new Set();

const KAFKA = ['EVENT_LOG', 'KAFKA_BROKERS', 'KAFKA_SASL', 'KAFKA_USERNAME', 'KAFKA_PASSWORD'];
const BEHIND = 'FAILED_KEYS_PER_MINUTE_MAX';
const INFLUX = ['SERIES_STORE', 'INFLUX_URL', 'INFLUX_TOKEN', 'INFLUX_ORG', 'INFLUX_BUCKET'];
const REDIS = ['WAKE_UPS', 'REDIS_URL'];

/** Each service of ours: its port, and the settings that it takes from its environment beside HOST and PORT. */
const OWN: [name: string, port: number, settings: string[]][] = [
  ['ingest', 8081, [...KAFKA, 'SONGMA_DATA', BEHIND]],
  ['writer', 8082, [...KAFKA, ...INFLUX, ...REDIS]],
  ['worker', 8083, [...KAFKA, ...INFLUX, ...REDIS]],
  ['desk', 8087, [...KAFKA, 'SONGMA_DATA', 'SMTP_URL', 'MAIL_FROM', 'PUBLIC_URL', 'DESK_KEY']],
  ['api', 8084, [...KAFKA, ...INFLUX, 'ADMIN_TOKEN', 'DESK_KEY', 'SERVICE_URLS', BEHIND]],
  ['files', 8085, ['INGEST_URL', 'SONGMA_DATA']],
  ['mqtt', 8088, [...KAFKA, 'INGEST_URL', 'MQTT_URL', 'MQTT_USERNAME', 'MQTT_PASSWORD', 'MQTT_KEY']],
  ['web', 8080, ['INGEST_URL', 'API_URL']],
];

describe('docker-compose.yml', () => {
  it('has our services and the three servers, and those for uploads and MQTT where they are asked for', () => {
    const own = OWN.map(([name]) => name).filter((name) => name !== 'mqtt');
    const names = [...own, 'kafka', 'influxdb', 'redis'];
    const byProfile = (profile?: string) =>
      services.filter(([, { profiles }]) => profiles?.[0] === profile).map(([name]) => name);
    expect(byProfile().toSorted()).toEqual(names.toSorted());
    expect(byProfile('uploads')).toEqual(['sftp', 'ftp']);
    expect(byProfile('mqtt')).toEqual(['mqtt', 'mosquitto']);
  });

  it.each(services)('checks the health of %s', (_, service) => {
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
  });

  it.each(OWN)('gives %s port %i and exactly the settings that it needs', (name, port, settings) => {
    const { PORT, HOST, ...others } = compose.services[name]?.environment ?? {};
    expect({ PORT, HOST }).toEqual({ PORT: port, HOST: '0.0.0.0' });
    expect(Object.keys(others).toSorted()).toEqual(settings.toSorted());
    expect(compose.services[name]?.command).toEqual(['node', `services/${name}/src/main.ts`]);
  });

  it.each(OWN)('starts %s after every server and service that its settings name', (name) => {
    const service = compose.services[name];
    const hosts = Object.values(service?.environment ?? {}).flatMap((value) => hostsIn(String(value)));
    expect(Object.keys(service?.depends_on ?? {}).toSorted()).toEqual(hosts.toSorted());
    expect(Object.values(service?.depends_on ?? {})).toEqual(
      hosts.map(() => ({ condition: 'service_healthy' })),
    );
  });

  it('opens one port, those for uploads and MQTT where they are asked for, and all on this machine only', () => {
    const asked = services.filter(([, { profiles }]) => profiles === undefined);
    expect(asked.flatMap(([, service]) => service.ports ?? [])).toEqual(['127.0.0.1:8080:8080']);
    for (const port of services.flatMap(([, service]) => service.ports ?? [])) {
      expect(port).toMatch(/^(127\.0\.0\.1|\$\{UPLOAD_LISTEN:-127\.0\.0\.1\}):/);
    }
  });

  it('holds no secret: what is one comes from outside, and its absence is an error', () => {
    const values = services.flatMap(([, { environment, profiles }]) =>
      Object.entries(environment ?? {}).map(([name, value]) => ({ name, value, profiles })),
    );
    const secrets = values.filter(({ name }) => /TOKEN|PASSWORD|AUTH|JAAS|REDIS_URL|_KEY$/.test(name));
    expect(secrets.length).toBeGreaterThan(8);
    for (const { value, profiles } of secrets) {
      // What nobody has asked for must not be missed: such a service says itself what it lacks.
      if (profiles !== undefined && /^\$\{[A-Z_]+:-\}$/.test(String(value))) continue;
      const [name] = /\$\{[A-Z_]+:\?/.exec(String(value)) ?? [];
      expect(name).toBeDefined();
      expect(String(value).replaceAll(/\$\{[A-Z_]+:\?[^}]+\}/g, '')).not.toMatch(/\$|[0-9a-f]{8}/);
    }
  });

  it.each(services)(
    'puts %s on networks that it shares with every server and service that it names',
    (name, service) => {
      const networks = service.networks ?? [];
      expect(networks.length).toBeGreaterThan(0);
      for (const network of networks) expect(Object.keys(compose.networks)).toContain(network);
      for (const host of Object.values(service.environment ?? {}).flatMap((value) =>
        hostsIn(String(value)),
      )) {
        if (host === name) continue;
        expect([name, host, networks.some((one) => compose.services[host]?.networks?.includes(one))]).toEqual(
          [name, host, true],
        );
      }
    },
  );

  it('lets nobody out, or in, but what has ports, and puts no server where the gateway is', () => {
    for (const [name, service] of services) {
      const open = (service.networks ?? []).filter((network) => compose.networks[network]?.internal !== true);
      // Mail servers and gateways are outside.
      expect([name, open.length > 0]).toEqual([
        name,
        service.ports !== undefined || name === 'desk' || asksOutside.has(name),
      ]);
    }
    for (const server of ['kafka', 'influxdb', 'redis']) {
      const shared = compose.services['web']?.networks?.filter((network) =>
        compose.services[server]?.networks?.includes(network),
      );
      expect([server, shared]).toEqual([server, []]);
    }
  });

  it('names the exact version of every image, and of those that ours are made of', async () => {
    const images = services.map(([, { image }]) => image).filter((image) => !image.startsWith('songma/'));
    const dockerfile = await readFile(join(root, 'infra', 'images', 'services.Dockerfile'), 'utf8');
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image!);
    expect(images.length + bases.length).toBeGreaterThan(4);
    for (const image of [...images, ...bases]) expect(image).toMatch(/:\d+\.\d+\.\d+(-slim)?$/);
    // The one that everything is tested with.
    for (const base of bases) expect(base).toBe(`node:${process.versions.node}-slim`);
  });

  it('mounts files that exist', async () => {
    const mounts = services.flatMap(([, service]) => service.volumes ?? []);
    const files = mounts.filter((mount) => mount.startsWith('./')).map((mount) => mount.split(':')[0] ?? '');
    expect(files.length).toBeGreaterThan(0);
    await Promise.all(files.map((file) => access(join(root, file))));
  });
});

/** The services of the compose file that an address such as `http://api:8084` or `kafka:9092` names. */
function hostsIn(value: string): string[] {
  return Object.keys(compose.services).filter((name) => new RegExp(`(^|[/@])${name}:\\d+`).test(value));
}

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { callersSettings, recipeOf } from '../../infra/native/servers.ts';
import { isPortTaken } from '../../infra/native/probes.ts';

const host = '127.0.0.1';
const startDeadlineMs = 120_000;

/** What the servers of {@link startSecuredServers} know their clients by. */
export const secured = { user: 'songma', password: 'p@ss:w/ord', wrong: 'other' } as const;

export interface SecuredServers {
  readonly kafka: { readonly sasl: string; readonly mutual: string };
  readonly redis: { readonly port: number };
  readonly influx: { readonly url: string };
  /** The authority of all of them, another one, and a client's certificate with its key. */
  readonly files: {
    readonly ca: string;
    readonly otherCa: string;
    readonly cert: string;
    readonly key: string;
  };
  close(): Promise<void>;
}

/**
 * Kafka, Redis and InfluxDB of this process's own that speak TLS alone and let nobody in whom they do not know, from
 * the programs that the native servers have brought. Certificates are made by openssl, for a day.
 */
export async function startSecuredServers(): Promise<SecuredServers> {
  const dir = await mkdtemp(join(tmpdir(), 'songma-secured-'));
  const children: ChildProcess[] = [];
  const close = async () => {
    const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ended = running.map((child) => once(child, 'exit'));
    for (const child of running) child.kill('SIGKILL');
    await Promise.all(ended);
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const files = await makeCertificates(dir);
    const [sasl, mutual, controller, redis, influx] = (await freePorts(5)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    await startKafka(dir, { sasl, mutual, controller }, children);
    await startRedis(dir, redis, children);
    startInflux(dir, influx, children);
    for (const port of [sasl, mutual, redis, influx]) await untilTaken(port, children, dir);
    return {
      kafka: { sasl: `localhost:${sasl}`, mutual: `localhost:${mutual}` },
      redis: { port: redis },
      influx: { url: `https://localhost:${influx}` },
      files,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function makeCertificates(dir: string): Promise<SecuredServers['files']> {
  const at = (name: string) => join(dir, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  for (const name of ['ca', 'other']) {
    openssl(
      'req',
      '-x509',
      ...key,
      '-subj',
      `/CN=${name}`,
      '-days',
      '1',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    );
  }
  await writeFile(at('names'), `subjectAltName=DNS:localhost,IP:${host}\n`);
  for (const name of ['server', 'client']) {
    openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const signed = [
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '1',
      '-extfile',
      'names',
    ];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.pem`);
  }
  const [serverKey, serverCert] = await Promise.all([readFile(at('server.key')), readFile(at('server.pem'))]);
  await writeFile(at('broker.pem'), Buffer.concat([serverKey, serverCert]));
  return { ca: at('ca.pem'), otherCa: at('other.pem'), cert: at('client.pem'), key: at('client.key') };
}

async function startKafka(
  dir: string,
  ports: { readonly sasl: number; readonly mutual: number; readonly controller: number },
  children: ChildProcess[],
): Promise<void> {
  const { programDir } = recipeOf('kafka', callersSettings());
  const shared = await readFile(
    join(import.meta.dirname, '..', '..', 'infra', 'kafka', 'server.properties'),
    'utf8',
  );
  const module = 'org.apache.kafka.common.security';
  const properties = {
    'node.id': 1,
    'process.roles': 'broker,controller',
    'controller.quorum.voters': `1@${host}:${ports.controller}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'SSL',
    listeners: `SASL_SSL://${host}:${ports.sasl},SSL://${host}:${ports.mutual},CONTROLLER://${host}:${ports.controller}`,
    'advertised.listeners': `SASL_SSL://localhost:${ports.sasl},SSL://localhost:${ports.mutual}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `${module}.plain.PlainLoginModule required user_${secured.user}="${secured.password}";`,
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
    'listener.name.ssl.ssl.client.auth': 'required',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': join(dir, 'broker.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': join(dir, 'ca.pem'),
    'log.dirs': join(dir, 'kafka'),
  };
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
  const file = join(dir, 'server.properties');
  await writeFile(file, `${shared}\n${lines.join('\n')}\n`);
  const classes = ['-cp', join(programDir, 'libs', '*')];
  const known = (mechanism: string) => [
    '--add-scram',
    `${mechanism}=[name=${secured.user},password=${secured.password}]`,
  ];
  const format = ['kafka.tools.StorageTool', 'format', '-t', 'c29uZ21hLXNlY3VyZWQtMQ', '-c', file];
  execFileSync('java', [...classes, ...format, ...known('SCRAM-SHA-256'), ...known('SCRAM-SHA-512')], {
    stdio: 'ignore',
  });
  children.push(spawn('java', ['-Xmx384m', ...classes, 'kafka.Kafka', file], { stdio: 'ignore', cwd: dir }));
}

async function startRedis(dir: string, port: number, children: ChildProcess[]): Promise<void> {
  const settings = callersSettings();
  const { file, env } = recipeOf('redis', settings).command();
  const shared = await readFile(
    join(import.meta.dirname, '..', '..', 'infra', 'redis', 'redis.conf'),
    'utf8',
  );
  const own = [
    `bind ${host}`,
    'port 0',
    `tls-port ${port}`,
    `tls-cert-file ${join(dir, 'server.pem')}`,
    `tls-key-file ${join(dir, 'server.key')}`,
    `tls-ca-cert-file ${join(dir, 'ca.pem')}`,
    'tls-auth-clients no',
    `user default off`,
    `user ${secured.user} on >${secured.password} ~* &* +@all`,
    `dir ${dir}`,
  ];
  const conf = join(dir, 'redis.conf');
  await writeFile(conf, `${shared}\n${own.join('\n')}\n`);
  children.push(spawn(file, [conf], { env, stdio: 'ignore', cwd: dir }));
}

function startInflux(dir: string, port: number, children: ChildProcess[]): void {
  const { file, env } = recipeOf('influx', callersSettings()).command();
  const args = [
    `--http-bind-address=${host}:${port}`,
    `--tls-cert=${join(dir, 'server.pem')}`,
    `--tls-key=${join(dir, 'server.key')}`,
    `--bolt-path=${join(dir, 'influxd.bolt')}`,
    `--sqlite-path=${join(dir, 'influxd.sqlite')}`,
    `--engine-path=${join(dir, 'engine')}`,
    '--reporting-disabled',
  ];
  children.push(spawn(file, args, { env, stdio: 'ignore', cwd: dir }));
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, host));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function untilTaken(port: number, children: readonly ChildProcess[], dir: string): Promise<void> {
  const deadline = performance.now() + startDeadlineMs;
  while (!(await isPortTaken(host, port, 1_000))) {
    const dead = children.find(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
    if (dead !== undefined) throw new Error(`${dead.spawnfile} has ended at its start; see ${dir}`);
    if (performance.now() > deadline) throw new Error(`nothing listens on ${port}`);
    await wait(100);
  }
}

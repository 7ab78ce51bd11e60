import { randomUUID } from 'node:crypto';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { probeKafka } from './probes.ts';
import type { ServerRecipe } from './server-recipe.ts';
import { serverEnvironment } from './server-recipe.ts';
import type { NativeSettings } from './settings.ts';
import { LOOPBACK } from './settings.ts';
import { requireTools, runTool } from './tools.ts';

const KAFKA_VERSION = '4.1.0';

const SHARED_PROPERTIES = join(import.meta.dirname, '..', 'kafka', 'server.properties');
const LOG_PROPERTIES = join(import.meta.dirname, 'log4j2.properties');

const JAVA = {
  command: 'java',
  neededFor: 'Kafka runs on Java 17 or newer',
  wayOut: 'install a JRE (Debian: default-jre-headless), or name a broker of your own in KAFKA_BROKERS',
};
const MAVEN = {
  command: 'mvn',
  neededFor: 'Kafka is fetched as Maven artifacts',
  wayOut: 'install Maven (Debian: maven), or name a broker of your own in KAFKA_BROKERS',
};

/** Kafka's runtime is one artifact with its dependencies; the binding makes its log appear. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>songma</groupId>
  <artifactId>kafka-runtime</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>2.24.3</version>
    </dependency>
  </dependencies>
</project>
`;

/**
 * Apache Kafka as one KRaft node that is broker and controller, from its Maven artifacts.
 *
 * @see https://kafka.apache.org/documentation/#kraft
 */
export function kafkaRecipe(settings: NativeSettings): ServerRecipe {
  const programDir = join(settings.programsDir, `kafka-${KAFKA_VERSION}`);
  const stateDir = join(settings.runDir, 'kafka');
  const propertiesFile = join(stateDir, 'server.properties');
  const dataDir = join(stateDir, 'data');
  const broker = `${LOOPBACK}:${settings.ports.kafka}`;
  const classPath = join(programDir, 'libs', '*');

  return {
    name: 'kafka',
    host: LOOPBACK,
    port: settings.ports.kafka,
    programDir,
    stateDir,
    startDeadlineMs: 60_000,
    stopDeadlineMs: 30_000,
    bringing: `fetching Kafka ${KAFKA_VERSION} from Maven (54 MB)`,

    async bring(folder) {
      const [maven = ''] = requireTools([MAVEN, JAVA]);
      await writeFile(join(folder, 'pom.xml'), POM);
      const copy = [
        '-B',
        '-q',
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        '-DoutputDirectory=libs',
      ];
      await runTool(maven, copy, { cwd: folder, logFile: join(folder, 'fetch.log') });
    },

    async prepare(owner) {
      const [java = ''] = requireTools([JAVA]);
      const shared = await readFile(SHARED_PROPERTIES, 'utf8');
      await writeFile(propertiesFile, `${shared}\n${nodeProperties(settings.ports, dataDir)}`);
      await writeFile(join(stateDir, 'log4j2.properties'), await readFile(LOG_PROPERTIES));
      if (await exists(join(dataDir, 'meta.properties'))) return;
      const format = [
        '-cp',
        classPath,
        'kafka.tools.StorageTool',
        'format',
        '-t',
        clusterId(),
        '-c',
        propertiesFile,
      ];
      const logFile = join(settings.runDir, 'kafka-format.log');
      await runTool(java, format, { cwd: stateDir, logFile, owner });
      await rm(logFile);
    },

    command() {
      const [java = ''] = requireTools([JAVA]);
      const options = [
        '-Xmx512m',
        '-XX:+UseG1GC',
        '-XX:+ExitOnOutOfMemoryError',
        '-Djava.awt.headless=true',
        `-Dlog4j2.configurationFile=${join(stateDir, 'log4j2.properties')}`,
      ];
      const args = [...options, '-cp', classPath, 'kafka.Kafka', propertiesFile];
      return { file: java, args, env: serverEnvironment(stateDir) };
    },

    async answers(timeoutMs) {
      await probeKafka({ brokers: [broker] }, timeoutMs);
    },

    async settle() {},
  };
}

/** The part of the broker's settings that belongs to this one node, in the form of a properties file. */
export function nodeProperties(ports: NativeSettings['ports'], dataDir: string): string {
  const properties = {
    'node.id': 1,
    'process.roles': 'broker,controller',
    'controller.quorum.voters': `1@${LOOPBACK}:${ports.kafkaController}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${LOOPBACK}:${ports.kafka},CONTROLLER://${LOOPBACK}:${ports.kafkaController}`,
    'advertised.listeners': `PLAINTEXT://${LOOPBACK}:${ports.kafka}`,
    'log.dirs': dataDir,
  };
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
  return `# This node\n${lines.join('')}`;
}

/** A random cluster id in Kafka's form: sixteen bytes in URL-safe base 64, which must not begin with a dash. */
function clusterId(): string {
  const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
  return id.startsWith('-') ? clusterId() : id;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

import { ConfigError, UnavailableError, tlsRefusal, type Logger } from '@songma/runtime';
import { z } from 'zod';
import type { InfluxConnection, QueryTarget } from './connection.ts';

/** Earlier versions can stall in compaction on small machines. */
const versionMin = [2, 9, 1] as const;

const healthSchema = z.object({ status: z.string(), version: z.string().optional() });
const bucketsSchema = z.object({
  buckets: z
    .array(
      z.object({
        id: z.string(),
        name: z.string(),
        retentionRules: z.array(z.object({ everySeconds: z.number() })).default([]),
      }),
    )
    .default([]),
});
const mappingsSchema = z.object({
  content: z
    .array(z.object({ database: z.string(), retention_policy: z.string(), bucketID: z.string() }))
    .nullish(),
});

/**
 * Looks whether the server and bucket can be used, and finds the names under which InfluxQL knows the bucket.
 * @throws ConfigError when they cannot; UnavailableError when the server does not answer or refuses the token
 */
export async function openBucket(connection: InfluxConnection, logger: Logger): Promise<QueryTarget> {
  const { org, bucket: name } = connection.settings;
  const health = await connection.get('/health').catch((error: unknown) => {
    throw untrusted(error) ?? error;
  });
  checkVersion(healthSchema.parse(health).version, logger);
  const found = await findBucket(connection);
  if (found === undefined) {
    throw new ConfigError([
      {
        setting: 'INFLUX_BUCKET',
        problem: `InfluxDB has no bucket "${name}" in the organisation "${org}" that the token may see`,
        remedy: `Create it without a retention limit: influx bucket create --org ${org} --name ${name} --retention 0`,
      },
    ]);
  }
  const [rule] = found.retentionRules;
  if (rule !== undefined && rule.everySeconds > 0) {
    logger.warn(
      { bucket: name, retentionSeconds: rule.everySeconds },
      'the bucket drops readings that are older than its retention: set it to 0 to keep them',
    );
  }
  const { content } = mappingsSchema.parse(
    await connection.get('/api/v2/dbrps', { org, bucketID: found.id }),
  );
  const mapping = content?.find(({ bucketID }) => bucketID === found.id);
  if (mapping === undefined) {
    throw new ConfigError([
      {
        setting: 'INFLUX_BUCKET',
        problem: `InfluxDB maps no database to the bucket "${name}", so InfluxQL cannot read it`,
        remedy: `Create a mapping: influx v1 dbrp create --bucket-id ${found.id} --db ${name} --rp autogen --default`,
      },
    ]);
  }
  return { database: mapping.database, retentionPolicy: mapping.retention_policy };
}

/** What only somebody who changes a setting can mend. */
function untrusted(error: unknown): ConfigError | undefined {
  const refusal = tlsRefusal(error);
  if (refusal === undefined) return undefined;
  const problem = `InfluxDB and Songma do not trust each other: ${refusal}`;
  const remedy =
    'Name the authority of InfluxDB, and an address that speaks HTTPS under the name in its certificate.';
  return new ConfigError([{ setting: 'INFLUX_URL, INFLUX_TLS_CA_FILE', problem, remedy }], { cause: error });
}

/** Resolves when the server is healthy and lets the token see the bucket. @throws UnavailableError otherwise */
export async function checkBucket(connection: InfluxConnection): Promise<void> {
  const { status } = healthSchema.parse(await connection.get('/health'));
  if (status !== 'pass')
    throw new UnavailableError('store_failing', `InfluxDB says that its health is "${status}"`);
  if ((await findBucket(connection)) === undefined) {
    throw new UnavailableError(
      'store_bucket_missing',
      `InfluxDB has no bucket "${connection.settings.bucket}"`,
    );
  }
}

async function findBucket(connection: InfluxConnection) {
  const { org, bucket: name } = connection.settings;
  const answer = await connection.get('/api/v2/buckets', { org, name }).catch((error: unknown) => {
    // InfluxDB answers 404 for an organisation or a bucket that the token may not see.
    if (error instanceof UnavailableError && error.code === 'store_bucket_missing') return {};
    throw error;
  });
  return bucketsSchema.parse(answer).buckets.find((bucket) => bucket.name === name);
}

function checkVersion(version: string | undefined, logger: Logger): void {
  const found = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version ?? '');
  if (found === null) {
    // A server that was built from its sources says `dev`.
    logger.info(
      { version },
      `InfluxDB does not tell its version; ${versionMin.join('.')} or newer is needed`,
    );
    return;
  }
  const numbers = found.slice(1).map(Number);
  const differing = versionMin.findIndex((number, index) => number !== numbers[index]);
  const isOld = differing >= 0 && numbers[differing]! < versionMin[differing]!;
  if (!isOld && numbers[0] === versionMin[0]) return;
  throw new ConfigError([
    {
      setting: 'INFLUX_URL',
      problem: `leads to InfluxDB ${version}`,
      remedy: `Use InfluxDB 2 from ${versionMin.join('.')} on.`,
    },
  ]);
}

import { setting } from '@songma/runtime';
import { z } from 'zod';
import { kafkaSecuritySettings } from './kafka-security.ts';

const brokersSchema = z
  .string()
  .transform((text) => text.split(',').map((broker) => broker.trim()))
  .pipe(z.array(z.string().regex(/^\S+:\d+$/, 'must be host:port, several divided by commas')).min(1));

/** The event log's settings; which of them are needed depends on the adapter. */
export const eventLogSettings = {
  adapter: setting('EVENT_LOG', z.enum(['sqlite', 'kafka']).default('sqlite'), {
    description: 'Where events are logged: `sqlite` (a file in the data directory) or `kafka`.',
  }),
  dataDir: setting('SONGMA_DATA', z.string().default('./data'), {
    description:
      'Directory of everything that is kept by the embedded stores. One process has it open at a time.',
  }),
  kafka: {
    brokers: setting('KAFKA_BROKERS', brokersSchema.optional(), {
      description:
        'Kafka brokers to begin with, as host:port, divided by commas. Needed for EVENT_LOG=kafka.',
      example: '127.0.0.1:19092',
    }),
    topicPrefix: setting(
      'KAFKA_TOPIC_PREFIX',
      z
        .string()
        .regex(/^[\w.-]*$/)
        .default('songma.'),
      {
        description:
          'Put before the names of topics and consumer groups, so that installations can share a broker.',
      },
    ),
    security: kafkaSecuritySettings,
  },
};

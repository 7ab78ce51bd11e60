import { setting, type SettingsOf } from '@songma/runtime';
import { z } from 'zod';

const kib = 1024;
const mib = 1024 * kib;
const positive = z.coerce.number().int().positive();
const port = z.coerce.number().int().min(0).max(65_535);

/** Limits of the MQTT door, each named in the README. */
export const mqttLimitSettings = {
  packetBytesMax: setting('MQTT_PACKET_BYTES_MAX', positive.default(4 * mib), {
    description: 'Largest MQTT packet in bytes; a connection that announces a larger one is ended.',
  }),
  packetMsMax: setting('MQTT_PACKET_MS_MAX', positive.default(30_000), {
    description: 'How long a packet may take to arrive once it has begun, in milliseconds.',
  }),
  connectionsMax: setting('MQTT_CONNECTIONS_MAX', positive.default(2_000), {
    description: 'Connections at once; of those that have not said who they are, half of it.',
  }),
  connectionsPerKeyMax: setting('MQTT_CONNECTIONS_PER_KEY_MAX', positive.default(500), {
    description: 'Connections at once with one API key.',
  }),
  connectMsMax: setting('MQTT_CONNECT_MS_MAX', positive.default(10_000), {
    description: 'How long a new connection may take to say who it is, in milliseconds.',
  }),
  keepAliveSecondsMax: setting('MQTT_KEEP_ALIVE_SECONDS_MAX', positive.default(1_200), {
    description:
      'Longest keep-alive in seconds, also of clients that ask for none: after one and a half of it without a word a connection is ended.',
  }),
  waitingBytesMax: setting('MQTT_WAITING_BYTES_MAX', positive.default(64 * mib), {
    description:
      'Bytes of messages that wait for the log, over all connections; beyond it QoS 0 is dropped and other connections are ended, so that they send again.',
  }),
  waitMsMax: setting('MQTT_WAIT_MS_MAX', positive.default(60_000), {
    description:
      'How long a message waits while the log does not take it, in milliseconds; then its connection is ended without an acknowledgement, so that it is sent again.',
  }),
};

/** Where ingest is, for a door in a process of its own. */
export const ingestAddressSetting = setting(
  'INGEST_URL',
  z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:8081')
    .transform((text) => text.replace(/\/+$/, '')),
  { description: 'Address of the ingest service that messages are pushed to.' },
);

/** Settings of the MQTT door. */
export const mqttSettings = {
  switch: setting('MQTT', z.enum(['on', 'off']).default('on'), {
    description: 'Whether MQTT is taken: `on` or `off`.',
  }),
  host: setting('MQTT_HOST', z.string().min(1).default('127.0.0.1'), {
    description: 'Address that the MQTT broker listens on. 0.0.0.0 opens it to the network.',
  }),
  port: setting('MQTT_PORT', port.optional(), {
    description:
      'TCP port of the MQTT broker: 1883, which it does without when something else has it; a port that is set must be free.',
    example: '1883',
  }),
  tls: {
    port: setting('MQTT_TLS_PORT', port.default(8_883), {
      description: 'TCP port of the MQTT broker for TLS, once there is a certificate.',
    }),
    certificateFile: setting('MQTT_TLS_CERTIFICATE_FILE', z.string().min(1).optional(), {
      description: 'Certificate (and chain) of the MQTT broker, PEM. With the key it turns TLS on.',
      example: '/etc/songma/mqtt.crt',
    }),
    keyFile: setting('MQTT_TLS_KEY_FILE', z.string().min(1).optional(), {
      description: 'Private key of that certificate, PEM.',
      example: '/etc/songma/mqtt.key',
    }),
  },
  client: {
    url: setting('MQTT_URL', z.url({ protocol: /^mqtts?$/ }).optional(), {
      description: 'A broker to take messages from, in place of being one.',
      example: 'mqtt://127.0.0.1:1883',
    }),
    username: setting('MQTT_USERNAME', z.string().optional(), {
      description: 'User name at the broker of MQTT_URL.',
    }),
    password: setting('MQTT_PASSWORD', z.string().optional(), {
      description: 'Password at the broker of MQTT_URL.',
      secret: true,
    }),
    clientId: setting('MQTT_CLIENT_ID', z.string().min(1).max(64).default('songma'), {
      description: 'Client id at the broker of MQTT_URL, under which it keeps what has not been taken yet.',
    }),
    share: setting(
      'MQTT_SHARE',
      z
        .string()
        .regex(/^[^+#/]+$/)
        .default('songma'),
      {
        description:
          'Name of the shared subscription at the broker of MQTT_URL, so that several processes divide the messages; `none` for a broker that has no such.',
      },
    ),
    topics: setting('MQTT_TOPICS', z.string().min(1).default('songma/+/+'), {
      description: 'What is subscribed to at the broker of MQTT_URL, divided by commas.',
    }),
    token: setting('MQTT_KEY', z.string().optional(), {
      description:
        'API key that messages from the broker of MQTT_URL are pushed with: of an administrator for many enterprises, or of a plant.',
      secret: true,
    }),
  },
  limits: mqttLimitSettings,
};

export type MqttConfig = SettingsOf<typeof mqttSettings>;
export type MqttLimits = MqttConfig['limits'];

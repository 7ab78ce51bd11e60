import { setting, type SettingsOf } from '@songma/runtime';
import { z } from 'zod';

const senderPattern = /^(?:(?<name>[^<>"]{1,100})<(?<named>[^<>\s]+)>|(?<bare>[^<>\s]+))$/;

const senderSchema = z
  .string()
  .default('Songma <songma@localhost>')
  .transform((text, context) => {
    const { name = '', named, bare } = senderPattern.exec(text.trim())?.groups ?? {};
    const mail = named ?? bare ?? '';
    if (/^[^@\s]+@[A-Za-z0-9.-]+$/.test(mail)) return { name: name.trim(), mail };
    context.addIssue({
      code: 'custom',
      message: 'must be an address, or a name and an address in angle brackets',
    });
    return z.NEVER;
  });

/** Settings of what carries notices. */
export const channelSettings = {
  dataDir: setting('SONGMA_DATA', z.string().min(1).default('./data'), {
    description: 'Directory of everything that is kept by the embedded stores.',
  }),
  smtpUrl: setting(
    'SMTP_URL',
    z
      .url({ protocol: /^smtps?$/, error: 'not a URL such as smtps://name:password@mail.example.vn' })
      .optional(),
    {
      description:
        'The mail server that takes notices: smtps://, or smtp:// (upgraded by STARTTLS, unless it is this machine), ' +
        'with name and password. Without it each message is a file in MAIL_DIRECTORY.',
      example: 'smtps://songma:password@mail.example.vn:465',
      secret: true,
    },
  ),
  mailFrom: setting('MAIL_FROM', senderSchema, {
    description: 'Who notices are from. The mail server must let this sender pass.',
    example: 'Songma <songma@example.vn>',
  }),
  mailDirectory: setting('MAIL_DIRECTORY', z.string().min(1).optional(), {
    description:
      'Where messages are written as .eml files where there is no SMTP_URL. Unless told, "mail" in SONGMA_DATA.',
  }),
  webhookHosts: setting(
    'WEBHOOK_HOSTS',
    z
      .string()
      .default('')
      .transform((text) => text.split(',').map((host) => host.trim()))
      .transform((hosts) => hosts.filter((host) => host !== '')),
    {
      description:
        'Hosts, as host or host:port, separated by commas, whose webhooks may be reached by http:// and in a private ' +
        'network: gateways of your own. All others are reached by https:// in the public net only.',
      example: 'gateway.noi-bo.vn:8443,127.0.0.1:9090',
    },
  ),
  deskKey: setting(
    'DESK_KEY',
    z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
      .optional(),
    {
      description:
        'What the secrets of webhooks and of the links in messages are derived from; needed where services run ' +
        'apart. Unless told, kept in "desk.key" in SONGMA_DATA. Make one: openssl rand -hex 32.',
      secret: true,
    },
  ),
};
export type ChannelConfig = SettingsOf<typeof channelSettings>;

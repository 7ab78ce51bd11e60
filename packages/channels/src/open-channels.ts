import { join } from 'node:path';
import type { Logger } from '@songma/runtime';
import { openDeskKey } from './desk-key.ts';
import type { Notice, NoticeAddress } from './notice.ts';
import type { Channel, Delivery } from './port.ts';
import type { ChannelConfig } from './settings.ts';

/** One channel to all addresses: mail by a server, or as files where none is named, and webhooks. */
export function openChannels(
  config: ChannelConfig,
  deps: { readonly logger: Logger; readonly now: () => number },
): Channel {
  return new Channels({
    mail: () => openMail(config, deps),
    webhook: () => openWebhook(config, deps),
  });
}

type Open = Readonly<Record<NoticeAddress['kind'], () => Promise<Channel>>>;

/** Opens the channel of a kind when the first notice goes there: its library is loaded then, and not at the start. */
class Channels implements Channel {
  readonly #open: Open;
  readonly #opened = new Map<NoticeAddress['kind'], Promise<Channel>>();
  #isClosed = false;

  constructor(open: Open) {
    this.#open = open;
  }

  async send(notice: Notice): Promise<Delivery> {
    if (this.#isClosed) return { kind: 'later', code: 'channel_closed' };
    const { kind } = notice.address;
    let channel = this.#opened.get(kind);
    if (channel === undefined) {
      channel = this.#open[kind]();
      this.#opened.set(kind, channel);
    }
    return (await channel).send(notice);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#opened.values()].map(async (channel) => (await channel).close()));
  }
}

async function openMail(
  config: ChannelConfig,
  { logger, now }: { readonly logger: Logger; readonly now: () => number },
): Promise<Channel> {
  const { smtpUrl: url, mailFrom: sender, dataDir } = config;
  if (url === undefined) {
    const { EmlChannel } = await import('./mail/eml-channel.ts');
    return new EmlChannel({ directory: config.mailDirectory ?? join(dataDir, 'mail'), sender, now });
  }
  const { SmtpChannel } = await import('./mail/smtp-channel.ts');
  return new SmtpChannel({ url, sender, now, logger });
}

async function openWebhook(
  config: ChannelConfig,
  deps: { readonly logger: Logger; readonly now: () => number },
): Promise<Channel> {
  const { WebhookChannel } = await import('./webhook/webhook-channel.ts');
  const deskKey = await openDeskKey(config);
  return new WebhookChannel({ ...deps, deskKey, hosts: config.webhookHosts });
}

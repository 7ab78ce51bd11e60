import { channelSettings } from '@songma/channels';
import { setting, type SettingsOf } from '@songma/runtime';
import { z } from 'zod';

/** Settings of the desk. */
export const deskSettings = {
  channels: channelSettings,
  publicUrl: setting(
    'PUBLIC_URL',
    z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
    {
      description:
        'Where people reach Songma, for the links in messages. Unless told, where `pnpm start` listens.',
      example: 'https://songma.example.vn',
    },
  ),
};
export type DeskConfig = SettingsOf<typeof deskSettings>;

import { createGateway } from './gateway.ts';

// WEBHOOK_SECRET=whsec_… TELEGRAM_TOKEN=… TELEGRAM_CHATS='{"le-binh":"123456"}' PORT=9090 node infra/gateway/telegram.ts
const { WEBHOOK_SECRET = '', TELEGRAM_TOKEN = '', TELEGRAM_CHATS = '{}', PORT = '9090' } = process.env;
const chats = JSON.parse(TELEGRAM_CHATS) as Record<string, string>;

createGateway({
  secret: WEBHOOK_SECRET,
  async deliver(recipient, words) {
    const answer = await fetch(`https://api.telegram.org/bot${TELEGRAM_TOKEN}/sendMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      // A message of Telegram has 4,096 characters at most.
      body: JSON.stringify({ chat_id: chats[recipient], text: words.slice(0, 4_096) }),
      signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok) throw new Error(`Telegram answers ${answer.status}`);
  },
}).listen(Number(PORT));

import { createClient, RefusedError, type SongmaClient } from '@songma/client';
import { UnavailableError } from '@songma/runtime';
import { Command, InvalidArgumentError } from 'commander';
import { addressOf } from './address.ts';
import { applyFile, type Applied } from './apply.ts';
import { progressBar } from './progress-bar.ts';
import { pushFile } from './push.ts';
import { appliedLines, reportLines } from './report.ts';
import { sayIn, spokenLanguage } from './spoken.ts';
import { UsageError } from './usage-error.ts';

const giveUpSecondsDefault = 60;
/** What a script can tell by: the file was sent, but not all of it was taken. */
const exitPartly = 2;
const exitRefused = 1;
const exitBug = 70;
const exitInterrupted = 130;

const spoken = spokenLanguage(process.env);
const say = sayIn(spoken);

const program = new Command('songma')
  .description(
    say({
      en: 'Push files of readings to Songma and register meters.',
      vi: 'Gửi tệp số đọc tới Songma và đăng ký công tơ.',
    }),
  )
  .option(
    '--url <address>',
    say({
      en: 'where Songma listens (default: SONGMA_URL, else http://127.0.0.1 at PORT, else 8080)',
      vi: 'địa chỉ của Songma (mặc định: SONGMA_URL, nếu không có thì http://127.0.0.1 cổng PORT hoặc 8080)',
    }),
  )
  .option(
    '--key <token>',
    say({
      en: 'API key; better given as the environment variable SONGMA_KEY',
      vi: 'khóa API; nên đặt trong biến môi trường SONGMA_KEY',
    }),
  )
  .option(
    '--give-up-after <seconds>',
    say({
      en: 'how long a server that is down or busy is tried again',
      vi: 'thử lại trong bao nhiêu giây khi máy chủ không trả lời hoặc quá tải',
    }),
    secondsOf,
    giveUpSecondsDefault,
  );

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());

program
  .command('push')
  .description(
    say({
      en: 'send a file of readings through the HTTP door; broken off, run it again and it goes on',
      vi: 'gửi một tệp số đọc qua HTTP; nếu bị ngắt, chạy lại để gửi tiếp',
    }),
  )
  .argument(
    '<file>',
    say({
      en: 'CSV or .xlsx with a header, one row per stamp',
      vi: 'CSV hoặc .xlsx có dòng tiêu đề, mỗi thời điểm một dòng',
    }),
  )
  .requiredOption(
    '--mapping <file>',
    say({
      en: 'YAML that says which column is which meter and how stamps are read',
      vi: 'tệp YAML cho biết cột nào là công tơ nào và cách đọc thời điểm',
    }),
  )
  .action(async (file: string, options: { mapping: string }) => {
    const report = await withClient((client, url) =>
      pushFile({
        client,
        url,
        file,
        mapping: options.mapping,
        progress: progressBar(process.stderr),
        signal: interrupted.signal,
      }),
    );
    for (const line of reportLines(report, say)) console.log(line);
    console.table(Object.fromEntries(report.totals));
    if (report.refused.length > 0 || report.unread.length > 0) process.exitCode = exitPartly;
  });

program
  .command('apply')
  .description(
    say({
      en: 'register the enterprises, sites, sources, meters and limits that a YAML file lists (admin key)',
      vi: 'đăng ký doanh nghiệp, cơ sở, nguồn thải, công tơ và giới hạn có trong tệp YAML (khóa quản trị)',
    }),
  )
  .argument('<file>', 'YAML')
  .option(
    '--dry-run',
    say({
      en: 'say what would change, and change nothing',
      vi: 'chỉ cho biết sẽ thay đổi gì, không thay đổi',
    }),
  )
  .action(async (file: string, { dryRun = false }: { dryRun?: boolean }) => {
    const count = { created: 0, changed: 0, unchanged: 0 };
    const onApplied = (applied: Applied): void => {
      count[applied.did]++;
      for (const line of appliedLines(applied, say)) console.log(line);
    };
    await withClient((client) => applyFile(client, file, { isTrial: dryRun, onApplied }));
    const { created, changed, unchanged } = count;
    const would = dryRun
      ? say({ en: 'Nothing was changed; it would be: ', vi: 'Chưa thay đổi gì; nếu thực hiện: ' })
      : '';
    console.log(
      say({
        en: `${would}${created} created, ${changed} changed, ${unchanged} unchanged.`,
        vi: `${would}${created} tạo mới, ${changed} thay đổi, ${unchanged} giữ nguyên.`,
      }),
    );
  });

async function withClient<T>(work: (client: SongmaClient, url: string) => Promise<T>): Promise<T> {
  const { url: told, key, giveUpAfter } = program.opts<{ url?: string; key?: string; giveUpAfter: number }>();
  const url = addressOf(told, process.env);
  const token = key ?? process.env['SONGMA_KEY'];
  if (token === undefined || token === '') {
    throw new UsageError({
      en: 'no API key: set SONGMA_KEY, or give --key',
      vi: 'thiếu khóa API: hãy đặt SONGMA_KEY hoặc dùng --key',
    });
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError({
      en: 'the API key has spaces or letters that no key has',
      vi: 'khóa API có dấu cách hoặc chữ mà khóa không có',
    });
  }
  const client = createClient({
    url,
    token,
    language: spoken,
    retryDeadlineMs: giveUpAfter * 1000,
    onWait: (reason, waitMs) => {
      const seconds = Math.ceil(waitMs / 1000);
      console.error(
        say({ en: `${reason}; trying again in ${seconds} s`, vi: `${reason}; thử lại sau ${seconds} giây` }),
      );
    },
  });
  try {
    return await work(client, url);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const { message } = error;
    throw new UsageError({
      en: `${message}; given up after ${giveUpAfter} s (--give-up-after)`,
      vi: `${message}; thôi thử sau ${giveUpAfter} giây (--give-up-after)`,
    });
  } finally {
    // What is under way is not waited for: the process ends.
    void client.close();
  }
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0 && seconds <= 86_400)) {
    throw new InvalidArgumentError(
      say({ en: 'give seconds, 86400 at most.', vi: 'hãy ghi số giây, nhiều nhất 86400.' }),
    );
  }
  return seconds;
}

try {
  await program.parseAsync();
  process.exit();
} catch (error) {
  if (interrupted.signal.aborted) {
    console.error(
      say({
        en: 'Broken off. Run it again, and it goes on where it stopped.',
        vi: 'Đã ngắt. Hãy chạy lại để gửi tiếp từ chỗ dừng.',
      }),
    );
    process.exit(exitInterrupted);
  }
  if (error instanceof UsageError) console.error(say(error.text));
  else if (error instanceof RefusedError) console.error(error.message);
  else {
    console.error(say({ en: 'This is a fault of ours: ', vi: 'Lỗi của chúng tôi: ' }) + String(error));
    if (process.env['SONGMA_DEBUG'] === '1') console.error(error);
    process.exit(exitBug);
  }
  process.exit(exitRefused);
}

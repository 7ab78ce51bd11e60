import { createClient, RefusedError, type SongmaClient } from '@songma/client';
import { UnavailableError } from '@songma/runtime';
import { Command, InvalidArgumentError } from 'commander';
import { addressOf } from './address.ts';
import { applyFile, type Applied } from './apply.ts';
import { progressBar } from './progress-bar.ts';
import { pushFile, type PushReport } from './push.ts';
import { UsageError } from './usage-error.ts';

const giveUpSecondsDefault = 60;
/** Refused and unread rows that are listed; the rest is counted. */
const listedMax = 20;

/** What a script can tell by: the file was sent, but not all of it was taken. */
const exitPartly = 2;
const exitRefused = 1;
const exitBug = 70;
const exitInterrupted = 130;

const program = new Command('songma')
  .description('Push files of readings to Songma and register meters.')
  .option(
    '--url <address>',
    'where Songma listens (default: SONGMA_URL, else http://127.0.0.1 at PORT, else 8080)',
  )
  .option('--key <token>', 'API key; better given as the environment variable SONGMA_KEY')
  .option(
    '--give-up-after <seconds>',
    'how long a server that is down or busy is tried again',
    secondsOf,
    giveUpSecondsDefault,
  );

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());

program
  .command('push')
  .description('send a file of readings through the HTTP door; broken off, run it again and it goes on')
  .argument('<file>', 'CSV or .xlsx with a header, one row per stamp')
  .requiredOption('--mapping <file>', 'YAML that says which column is which meter and how stamps are read')
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
    tell(report);
    if (report.refused.length > 0 || report.unread.length > 0) process.exitCode = exitPartly;
  });

program
  .command('apply')
  .description(
    'register the enterprises, sites, sources, meters and limits that a YAML file lists (admin key)',
  )
  .argument('<file>', 'YAML')
  .option('--dry-run', 'say what would change, and change nothing')
  .action(async (file: string, { dryRun = false }: { dryRun?: boolean }) => {
    const count = { created: 0, changed: 0, unchanged: 0 };
    const onApplied = (applied: Applied): void => {
      count[applied.did]++;
      tellApplied(applied);
    };
    await withClient((client) => applyFile(client, file, { isTrial: dryRun, onApplied }));
    const { created, changed, unchanged } = count;
    const would = dryRun ? 'Nothing was changed; it would be: ' : '';
    console.log(`${would}${created} created, ${changed} changed, ${unchanged} unchanged.`);
  });

function tell(report: PushReport): void {
  const { resumedRows, rows, totals, numbers, unread, refused } = report;
  if (resumedRows > 0) console.log(`Went on after ${resumedRows} rows that were sent before.`);
  console.log(`${rows} readings sent.`);
  if (numbers !== undefined) console.log(`Decimal mark: ${numbers.decimal} (${numbers.by}).`);
  console.table(Object.fromEntries(totals));
  for (const { line, column, problem } of unread.slice(0, listedMax)) {
    console.log(`not sent: line ${line}${column === undefined ? '' : `, column "${column}"`}: ${problem}`);
  }
  if (unread.length > 0) console.log(`${unread.length} cells or rows of the file were not sent.`);
  for (const { batch, row, code, reason } of refused.slice(0, listedMax)) {
    console.log(`refused: batch ${batch}, row ${row}: ${code}: ${reason}`);
  }
  if (refused.length > 0) {
    console.log(`${refused.length} rows were refused and wait in quarantine (GET /v1/quarantine).`);
  }
}

function tellApplied({ collection, id, did, changes }: Applied): void {
  console.log(`${did} ${collection}/${id}`);
  for (const { field, before, after } of changes) {
    console.log(
      `  ${field}: ${JSON.stringify(before) ?? 'nothing'} is now ${JSON.stringify(after) ?? 'nothing'}`,
    );
  }
}

async function withClient<T>(work: (client: SongmaClient, url: string) => Promise<T>): Promise<T> {
  const { url: told, key, giveUpAfter } = program.opts<{ url?: string; key?: string; giveUpAfter: number }>();
  const url = addressOf(told, process.env);
  const token = key ?? process.env['SONGMA_KEY'];
  if (token === undefined || token === '') throw new UsageError('no API key: set SONGMA_KEY, or give --key');
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UsageError('the API key has spaces or letters that no key has');
  const client = createClient({
    url,
    token,
    retryDeadlineMs: giveUpAfter * 1000,
    onWait: (reason, waitMs) => console.error(`${reason}; trying again in ${Math.ceil(waitMs / 1000)} s`),
  });
  try {
    return await work(client, url);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new UsageError(`${error.message}; given up after ${giveUpAfter} s (--give-up-after)`);
  } finally {
    // What is under way is not waited for: the process ends.
    void client.close();
  }
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0 && seconds <= 86_400)) throw new InvalidArgumentError('give seconds, 86400 at most.');
  return seconds;
}

try {
  await program.parseAsync();
  process.exit();
} catch (error) {
  if (interrupted.signal.aborted) {
    console.error('Broken off. Run it again, and it goes on where it stopped.');
    process.exit(exitInterrupted);
  }
  const isExpected = error instanceof UsageError || error instanceof RefusedError;
  console.error(isExpected ? error.message : `This is a fault of ours: ${String(error)}`);
  if (!isExpected && process.env['SONGMA_DEBUG'] === '1') console.error(error);
  process.exit(isExpected ? exitRefused : exitBug);
}

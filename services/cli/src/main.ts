import { createClient, RefusedError } from '@songma/client';
import { UnavailableError } from '@songma/runtime';
import { Presets, SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { applyFile } from './apply.ts';
import { UnreadableCellError } from './mapping.ts';
import { pushFile, type PushProgress } from './push.ts';
import { UsageError } from './usage-error.ts';

const program = new Command('songma')
  .description('Push files of readings to Songma and register meters.')
  .option('--url <address>', 'where Songma listens', process.env['SONGMA_URL'] ?? 'http://127.0.0.1:8080')
  .option('--key <token>', 'API key; better given as the environment variable SONGMA_KEY');

program
  .command('push')
  .description('send a file of readings through the HTTP door; broken off, run it again and it goes on')
  .argument('<file>', 'CSV with a header, one row per stamp')
  .requiredOption('--mapping <file>', 'YAML that says which column is which meter and how stamps are read')
  .action(async (file: string, options: { mapping: string }) => {
    const report = await pushFile({
      client: client(),
      url: url(),
      file,
      mapping: options.mapping,
      progress: bar(),
    });
    if (report.resumedRows > 0)
      console.log(`Went on after ${report.resumedRows} rows that were sent before.`);
    console.log(`${report.rows} readings sent.`);
    console.table(Object.fromEntries(report.totals));
    for (const { batch, row, code, reason } of report.refused.slice(0, 20)) {
      console.log(`refused: batch ${batch}, row ${row}: ${code}: ${reason}`);
    }
    if (report.refused.length > 0) {
      console.log(`${report.refused.length} rows were refused and wait in quarantine (GET /v1/quarantine).`);
      process.exitCode = 2;
    }
  });

program
  .command('apply')
  .description(
    'register the enterprises, sites, sources, meters and limits that a YAML file lists (admin key)',
  )
  .argument('<file>', 'YAML')
  .action(async (file: string) => {
    for (const { collection, id, did } of await applyFile(client(), file))
      console.log(`${did} ${collection}/${id}`);
  });

function url(): string {
  return program.opts<{ url: string }>().url;
}

function client() {
  const token = program.opts<{ key?: string }>().key ?? process.env['SONGMA_KEY'];
  if (token === undefined) throw new UsageError('no API key: set SONGMA_KEY, or give --key');
  return createClient({
    url: url(),
    token,
    onWait: (reason, waitMs) => console.error(`${reason}; trying again in ${Math.ceil(waitMs / 1000)} s`),
  });
}

function bar(): PushProgress {
  const single = new SingleBar(
    { format: ' {bar} {percentage}% | {value}/{total} readings | {duration_formatted}', etaBuffer: 50 },
    Presets.shades_classic,
  );
  return {
    start: (total, done) => single.start(total, done),
    advance: (rows) => single.increment(rows),
    stop: () => single.stop(),
  };
}

try {
  await program.parseAsync();
  process.exit();
} catch (error) {
  const expected = [UsageError, RefusedError, UnavailableError, UnreadableCellError].some(
    (kind) => error instanceof kind,
  );
  if (!expected) throw error;
  console.error((error as Error).message);
  process.exit(1);
}

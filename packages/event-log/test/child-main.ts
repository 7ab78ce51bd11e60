import { openSync, writeSync } from 'node:fs';
import { createLogger } from '@songma/runtime';
import { openEventLog, type EventLog } from '../src/index.ts';
import type { ChildTask } from './child.ts';
import { mutate } from './mutants.ts';
import { numbered, readAll, noise } from './records.ts';

const [journalPath = '', taskText = ''] = process.argv.slice(2);
const task = JSON.parse(taskText) as ChildTask;
const journal = openSync(journalPath, 'a');
const say = (line: string) => writeSync(journal, `${line}\n`);
const topic = 'readings';
const outstandingMax = 32;

const log = await openEventLog(task.config, {
  logger: createLogger({ service: 'child', level: 'silent' }),
});
log.closed.catch(() => say('closed'));
const roles = { append: appendForEver, consume: consumeAndStick, fill, open: async () => say('open') };
await roles[task.role](mutate(log, task.mutant));
// Until it is killed.
setInterval(() => {}, 60_000);

/** Journals what is acknowledged; stops, saying so, when something is not. */
async function appendForEver(to: EventLog): Promise<void> {
  const keys = ['a', 'b', 'c', 'd'];
  let outstanding = 0;
  let hasFailed = false;
  for (let number = 0; ; number++) {
    if (hasFailed) return;
    const value = noise(number % 7 === 0 ? 20_000 : 300);
    for (const key of keys) {
      outstanding++;
      void to
        .append(topic, [{ key, value, headers: { n: String(number) } }])
        .then(
          () => say(`${key} ${number}`),
          (error: Error) => {
            hasFailed = true;
            say(error.name);
          },
        )
        .finally(() => outstanding--);
    }
    const isCrowded = () => outstanding >= outstandingMax;
    while (isCrowded()) await new Promise(setImmediate);
  }
}

/** Handles records of one kind; when they are handled, appends others, which it then handles for ever. */
async function consumeAndStick(from: EventLog): Promise<void> {
  await from.consume({ topic, group: 'g' }, async (records) => {
    if (!records.some((record) => record.key === 'unhandled')) return;
    // Long enough for a position to become durable, if it were moved too early.
    setTimeout(() => say('stuck'), 400);
    await new Promise(() => {});
  });
  await from.append(topic, numbered(['handled'], 100));
  while ((await from.lag(topic, 'g')) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await from.append(topic, numbered(['unhandled'], 100));
}

/** Appends until that is refused several times, then counts what is stored. */
async function fill(to: EventLog): Promise<void> {
  let refusals = 0;
  for (let number = 0; ; number++) {
    const record = { key: 'a', value: noise(40_000), headers: { n: String(number) } };
    await to.append(topic, [record]).then(
      () => say(`a ${number}`),
      (error: Error) => {
        refusals++;
        say(error.name);
      },
    );
    if (refusals === 5) break;
  }
  say(`stored ${(await readAll(to)).length}`);
}

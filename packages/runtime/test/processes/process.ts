import { z } from 'zod';
import { ConfigError, createLogger, loadConfigOrExit, run, setting } from '../../src/index.ts';

/** A process for `lifecycle.test.ts`; the first argument says how it goes on. */
const way = process.argv[2] ?? '';
loadConfigOrExit(
  { needed: setting('NEEDED', z.string(), { description: 'Needed by the test.', example: 'yes' }) },
  way === 'unset' ? {} : { NEEDED: 'yes' },
);

const say = (text: string) => process.stdout.write(`${text}\n`);
const part = (name: string) => ({ close: () => say(`closed ${name}`) });

await run(
  createLogger({ service: 'test', level: 'fatal' }),
  async (life) => {
    await life.open('first', () => part('first'));
    await life.open('second', () => part('second'));
    switch (way) {
      case 'config':
        throw new ConfigError([{ setting: 'PORT', problem: 'is in use', remedy: 'Take another.' }]);
      case 'bug':
        throw new TypeError('a bug');
      case 'uncaught':
        setTimeout(() => {
          throw new Error('uncaught');
        });
        break;
      case 'rejection':
        void Promise.reject(new Error('unhandled'));
        break;
      case 'dies':
        await life.open('mortal', () => ({ closed: Promise.reject(new Error('died')) }));
        break;
      case 'hangs':
        await life.open('hanging', () => ({ close: () => new Promise(() => undefined) }));
        break;
      case 'fails-to-close':
        await life.open('failing', () => ({ close: () => Promise.reject(new Error('cannot close')) }));
        break;
      default:
        break;
    }
    say('ready');
  },
  { closeDeadlineMs: 300 },
);

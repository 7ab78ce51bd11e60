import type { WakeUps } from '../src/index.ts';
import { ProcessWakeUps } from '../src/process/process-wake-ups.ts';
import { silent, type Subject, testPause } from './subject.ts';

/** Wake-ups within this process, each broken by `mutate` when that is given. The process itself is their medium. */
export async function openProcessSubject(
  mutate: (wakeUps: WakeUps) => WakeUps = (wakeUps) => wakeUps,
): Promise<Subject> {
  const opened: WakeUps[] = [];
  const open = async () => {
    const wakeUps = mutate(new ProcessWakeUps({ logger: silent, retryPause: testPause }));
    opened.push(wakeUps);
    return wakeUps;
  };
  return {
    open,
    async lose(wakeUps) {
      await wakeUps.close();
      return open();
    },
    breakOff: (wakeUps) => wakeUps.close(),
    async end() {
      await Promise.all(opened.map((wakeUps) => wakeUps.close()));
    },
  };
}

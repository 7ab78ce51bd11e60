import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { fileProblemOf } from './file-problem.ts';
import { LogFile } from './log-file.ts';
import type { AnswerMessage, Opened, OpenOptions, RequestMessage, Requests } from './requests.ts';

/*
 * The thread that owns the log file: fsync stops this thread and no other. It opens the file, says so, and then
 * answers one request after the other.
 */
if (parentPort === null) throw new Error('this file is started as a worker thread');
start(parentPort, workerData as OpenOptions);

function start(port: MessagePort, options: OpenOptions): void {
  const send = (message: Opened | AnswerMessage, transfer: ArrayBuffer[] = []) =>
    port.postMessage(message, transfer);
  let file: LogFile;
  try {
    file = new LogFile(options);
    send({ state: file.state() });
  } catch (error) {
    send({ problem: fileProblemOf(error) });
    port.close();
    return;
  }
  port.on('message', (message: RequestMessage) => {
    const { id, kind } = message;
    try {
      const answer = perform(file, message);
      send({ id, answer }, 'values' in answer ? [answer.values] : []);
    } catch (error) {
      send({ id, problem: fileProblemOf(error) });
    }
    if (kind === 'close') port.close();
  });
}

function perform(log: LogFile, { kind, ask }: RequestMessage): Requests[keyof Requests]['answer'] {
  switch (kind) {
    case 'append':
      return log.append(ask as Requests['append']['ask']);
    case 'read':
      return log.read(ask as Requests['read']['ask']);
    case 'prune': {
      const { topic, before, recordsMax } = ask as Requests['prune']['ask'];
      return log.prune(topic, before, recordsMax);
    }
    case 'probe':
      log.probe();
      return {};
    case 'close':
      log.close();
      return {};
  }
}

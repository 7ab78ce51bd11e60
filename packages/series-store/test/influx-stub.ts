import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** What the stub does with one request for writing; a function may look at the lines. */
export type Answer =
  | { readonly status: number; readonly message?: string; readonly headers?: Record<string, string> }
  | 'silence'
  | 'reset';

/** An HTTP server that answers writes as it is told, and health, bucket and queries as an empty InfluxDB does. */
export interface InfluxStub {
  readonly url: string;
  /** Bodies of the writes that were answered by 204. */
  readonly stored: string[];
  /** Number of requests for writing. */
  writes: number;
  answer: (lines: readonly string[]) => Answer;
  /** Answers to other paths, as text of JSON; `silence` sends half of it and stalls. */
  readonly other: Map<string, string>;
  close(): Promise<void>;
}

export async function startInfluxStub(): Promise<InfluxStub> {
  const stub: InfluxStub & { url: string } = {
    url: '',
    stored: [],
    writes: 0,
    answer: () => ({ status: 204 }),
    other: new Map([
      ['/health', '{"name":"influxdb","status":"pass","version":"v2.9.1"}'],
      ['/api/v2/buckets', '{"buckets":[{"id":"b1","name":"songma","retentionRules":[{"everySeconds":0}]}]}'],
      ['/api/v2/dbrps', '{"content":[{"database":"songma","retention_policy":"autogen","bucketID":"b1"}]}'],
      ['/query', '{"results":[]}'],
    ]),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const server = createServer((request, response) => {
    void respond(stub, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stub.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return stub;
}

async function respond(stub: InfluxStub, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url!, stub.url).pathname;
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  if (path !== '/api/v2/write') {
    const content = stub.other.get(path);
    response.setHeader('content-type', 'application/json');
    if (content === 'silence') response.write('{"results":');
    else response.end(content ?? '{}');
    return;
  }
  stub.writes++;
  const body = Buffer.concat(chunks).toString();
  const answer = stub.answer(body.split('\n'));
  if (answer === 'silence') return;
  if (answer === 'reset') {
    request.socket.destroy();
    return;
  }
  if (answer.status === 204) stub.stored.push(body);
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  response.end(
    answer.message === undefined ? undefined : JSON.stringify({ code: 'x', message: answer.message }),
  );
}

import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';

/**
 * An HTTP proxy that can break one connection: before it passes the request on, or instead of passing on the answer.
 */
export interface LossyProxy {
  readonly url: string;
  /** Of the `n`th write or query from now, counted from 0; negative: of none. */
  lose(what: 'request' | 'answer', n: number): void;
  close(): Promise<void>;
}

export async function startLossyProxy(target: string): Promise<LossyProxy> {
  let countdown = -1;
  let lost: 'request' | 'answer' = 'answer';
  const server = createServer((request, response) => {
    const { method, headers } = request;
    const isCounted = /^\/(query|api\/v2\/write)/.test(request.url!);
    const isLost = isCounted && countdown-- === 0;
    if (isLost && lost === 'request') {
      request.socket.destroy();
      return;
    }
    const upstream = httpRequest(`${target}${request.url}`, { method, headers }, (answer) => {
      if (isLost) {
        answer.resume().on('end', () => request.socket.destroy());
        return;
      }
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    lose(what, n) {
      lost = what;
      countdown = n;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

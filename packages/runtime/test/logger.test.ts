import { expect, it } from 'vitest';
import { createLogger } from '../src/index.ts';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  write(createLogger({ service: 'door', level: 'info', destination: { write: (line) => (text += line) } }));
  return text;
}

it('writes one JSON object a line, with service, level by name and ISO time', () => {
  const line = JSON.parse(logged((logger) => logger.info({ n: 1 }, 'hello'))) as Record<string, unknown>;
  expect(line).toMatchObject({ service: 'door', level: 'info', msg: 'hello', n: 1 });
  expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT/);
});

it.each([
  { authorization: 'Bearer hush' },
  { headers: { authorization: 'hush', 'x-api-key': 'hush' } },
  { request: { headers: { 'x-api-key': 'hush' } } },
  { config: { influx: { token: 'hush' } } },
  { user: { password: 'hush', secret: 'hush' } },
])('keeps secrets out of the log: %j', (object) => {
  const text = logged((logger) => logger.info(object, 'with secrets'));
  expect(text).toContain('[redacted]');
  expect(text).not.toContain('hush');
});

it('writes the causes of an error', () => {
  const text = logged((logger) =>
    logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'x'),
  );
  expect(text).toContain('inner');
});

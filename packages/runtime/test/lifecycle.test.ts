import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('processes/process.ts', import.meta.url));

/** Runs the process; `signals` are sent one after another, the first as soon as it says that it is ready. */
function runProcess(way: string, signals: NodeJS.Signals[] = []) {
  return new Promise<{ code: number | null; lines: string[]; errors: string }>((resolve, reject) => {
    const child = spawn(process.execPath, [script, way], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      if (output.includes('ready\n')) for (const signal of signals.splice(0)) child.kill(signal);
    });
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({
        code,
        lines: output.split('\n').filter((line) => line !== '' && !line.startsWith('{')),
        errors,
      }),
    );
  });
}

it.each(['SIGTERM', 'SIGINT'] as const)('closes in reverse order on %s and exits 0', async (signal) => {
  const { code, lines } = await runProcess('runs', [signal]);
  expect(lines).toEqual(['ready', 'closed second', 'closed first']);
  expect(code).toBe(0);
});

it.each(['bug', 'uncaught', 'rejection', 'dies'])(
  'closes in reverse order and exits 1 after: %s',
  async (way) => {
    const { code, lines } = await runProcess(way);
    expect(lines.slice(-2)).toEqual(['closed second', 'closed first']);
    expect(code).toBe(1);
  },
);

it('prints the problems of a ConfigError plainly and exits 78', async () => {
  const { code, errors } = await runProcess('config');
  expect(errors).toContain('PORT: is in use\n    Take another.');
  expect(errors).not.toContain('at ');
  expect(code).toBe(78);
});

it('prints unusable settings plainly and exits 78', async () => {
  const { code, errors } = await runProcess('unset');
  expect(errors).toContain('NEEDED: is not set');
  expect(errors).toContain('NEEDED=yes');
  expect(code).toBe(78);
});

it('exits 1 when a part does not close within the deadline', async () => {
  expect((await runProcess('hangs', ['SIGTERM'])).code).toBe(1);
});

it('closes the other parts and exits 1 when one fails to close', async () => {
  const { code, lines } = await runProcess('fails-to-close', ['SIGTERM']);
  expect(lines).toEqual(['ready', 'closed second', 'closed first']);
  expect(code).toBe(1);
});

import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { callersSettings } from '../../infra/native/servers.ts';

const run = promisify(execFile);
const bringTimeoutMs = 8 * 60_000;

/** What of PyPI the tests use, each with what it is asked for. */
const packages = ['schemathesis==4.32.5', 'openapi-python-client==0.29.1'];

/**
 * The folder of programs of a virtual environment with these packages, beside the native servers: made once a machine.
 * @returns the reason where Python, or PyPI, is not to be had
 */
export async function pythonTools(): Promise<{ readonly bin: string } | { readonly reason: string }> {
  const name = `python-${packages.map((one) => one.replace('==', '-')).join('-')}`;
  const folder = join(callersSettings().programsDir, name);
  const bin = join(folder, 'bin');
  if (await isThere(join(folder, 'complete'))) return { bin };
  try {
    // Programs of an environment know its path: it is made in place, and complete when the mark is there.
    await mkdir(folder, { recursive: true });
    const options = { timeout: bringTimeoutMs };
    await run('python3', ['-m', 'venv', folder], options);
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
    await run(join(bin, 'python'), ['-m', 'pip', 'install', ...quiet, ...packages], options);
    await mkdir(`${folder}/.complete`, { recursive: true });
    await rename(`${folder}/.complete`, join(folder, 'complete'));
    return { bin };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    return { reason: `Python's tools cannot be had: ${(error as Error).message.split('\n', 1)[0]}` };
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

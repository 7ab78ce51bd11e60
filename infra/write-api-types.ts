import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Writes the types of the api, as its description tells them, for the page: a screen that asks for what is not there
 * does not compile. They are made whenever types are checked and are not in git, so that they never lag behind.
 */
const root = join(import.meta.dirname, '..');
const webDir = join(root, 'services/web');
const typesFile = join(webDir, 'app/api/schema.d.ts');
const generator = join(webDir, 'node_modules/openapi-typescript/bin/cli.js');
const announced = /Songma runs: (\S+)/;

const dataDir = await mkdtemp(join(tmpdir(), 'songma-types-'));
try {
  const description = await ownDescription();
  const seen = join(webDir, 'node_modules/.api-description.json');
  const before = await readFile(seen, 'utf8').catch(() => undefined);
  if (
    description !== before ||
    !(await access(typesFile).then(
      () => true,
      () => false,
    ))
  ) {
    await writeFile(join(dataDir, 'openapi.json'), description);
    await promisify(execFile)(process.execPath, [generator, join(dataDir, 'openapi.json'), '-o', typesFile]);
    await writeFile(seen, description);
  }
} finally {
  await rm(dataDir, { recursive: true });
}

/** What an empty Songma of these sources answers at `/openapi.json`. */
async function ownDescription(): Promise<string> {
  const env = { ...process.env, SONGMA_DATA: dataDir, HOST: '127.0.0.1', PORT: '0' };
  const songma = spawn(process.execPath, [join(root, 'services/standalone/src/main.ts'), '--empty'], { env });
  try {
    return await (await fetch(`${await addressOf(songma)}/openapi.json`)).text();
  } finally {
    if (songma.exitCode === null) {
      songma.kill('SIGTERM');
      await once(songma, 'exit');
    }
  }
}

/** @throws Error with what it printed when it ends before it listens */
function addressOf(songma: ChildProcess): Promise<string> {
  let printed = '';
  return new Promise((resolve, reject) => {
    const take = (piece: Buffer) => {
      printed += piece.toString();
      const found = announced.exec(printed)?.[1];
      if (found !== undefined) resolve(found);
    };
    songma.stdout!.on('data', take);
    songma.stderr!.on('data', take);
    songma.once('exit', () => reject(new Error(`Songma ended before it listened:\n${printed}`)));
  });
}

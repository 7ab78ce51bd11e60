import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pythonTools } from '../support/python-tools.ts';
import { startSystem, type System } from '../support/system.ts';

const run = promisify(execFile);
const tools = await pythonTools();
const title = 'bin' in tools ? 'a client in Python' : `a client in Python, skipped: ${tools.reason}`;

/**
 * A program of somebody who has nothing but the description. Pushes are not in it: the generator takes one media type
 * of a body, and sends readings as the last one that is described.
 */
const program = `
import importlib, json, pkgutil, sys
import songma
from songma import AuthenticatedClient
from songma.api.registry import get_enterprises, get_enterprises_by_id, put_enterprises_by_id
from songma.models import EnterpriseInput, Problem

# Each module can be had, not those that are asked alone.
for module in pkgutil.walk_packages(songma.__path__, "songma."):
    importlib.import_module(module.name)

url, key = sys.argv[1:]
client = AuthenticatedClient(base_url=url, token=key)
works = EnterpriseInput(name="Xi măng Thử", sector="2394")
made = put_enterprises_by_id.sync_detailed("works", client=client, body=works, if_none_match="*")
listed = get_enterprises.sync(client=client, limit=1)
missing = get_enterprises_by_id.sync(client=client, id="nobody")
assert isinstance(missing, Problem)
print(json.dumps([made.parsed.name, [one.version for one in listed.items], missing.code]))
`;

describe.skipIf(!('bin' in tools))(title, () => {
  let system: System;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'songma-python-'));
    system = await startSystem({ furnishing: 'embedded' });
  });
  afterAll(async () => {
    await system.stop();
    await system.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it('is made of the description by openapi-python-client, and calls', async () => {
    const { bin } = tools as { bin: string };
    const env = { ...process.env, PYTHONUTF8: '1' };
    const options = { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 };
    await writeFile(join(folder, 'openapi.json'), await (await fetch(`${system.url}/openapi.json`)).text());
    await writeFile(join(folder, 'program.py'), program);
    const made = ['generate', '--path', 'openapi.json', '--output-path', 'songma', '--meta', 'none'];
    await run(join(bin, 'openapi-python-client'), made, options);
    const { stdout } = await run(join(bin, 'python'), ['program.py', system.url, system.adminToken], options);
    expect(JSON.parse(stdout)).toEqual(['Xi măng Thử', [1], 'not_found']);
  });
});

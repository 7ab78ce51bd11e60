import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const settings = join(import.meta.dirname, '..', '..', 'infra', 'uploads');
const startDeadlineMs = 30_000;
/** Whom Debian's package makes for those who come without a name. */
const ftpUser = 'ftp';

/** A real server that puts what is uploaded into a folder. */
export interface UploadServer {
  readonly port: number;
  readonly user: string;
  close(): Promise<void>;
}

export interface SftpServer extends UploadServer {
  /** Private key of the user, for clients. */
  readonly identity: string;
}

/** What is missing on this machine to run both servers; empty when nothing is. */
export async function missingForUploads(): Promise<string> {
  const wanted = ['/usr/sbin/sshd', '/usr/bin/sftp', '/usr/sbin/vsftpd', '/usr/bin/curl'];
  const found = await Promise.all(
    wanted.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  const missing = wanted.filter((_, at) => !found[at]);
  if (userInfo().uid !== 0) missing.push('an administrator of this machine');
  if (missing.length > 0 && (process.env['REQUIRE_ADAPTERS'] ?? '').split(',').includes('uploads')) {
    throw new Error(`REQUIRE_ADAPTERS asks for uploads, and there is no ${missing.join(', ')}`);
  }
  return missing.join(', ');
}

/** OpenSSH with the settings of infra/uploads, for the user who runs the test, without the lock into a folder. */
export async function startSftpServer(folder: string): Promise<SftpServer> {
  const home = await mkdtemp(join(tmpdir(), 'songma-sftp-'));
  const { username } = userInfo();
  const port = await freePort();
  for (const name of ['host', 'identity']) {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, name)]);
  }
  await mkdir('/run/sshd', { recursive: true });
  await writeFile(join(home, 'authorized_keys'), await readFile(join(home, 'identity.pub')));
  // Of a setting that is there twice the first one counts.
  const own = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(home, 'host')}`,
    `AuthorizedKeysFile ${join(home, 'authorized_keys')}`,
    'PermitRootLogin prohibit-password',
    'StrictModes no',
    'ChrootDirectory none',
  ];
  const text = await readFile(join(settings, 'sshd_config'), 'utf8');
  const config = join(home, 'sshd_config');
  await writeFile(config, `${own.join('\n')}\n${text.replace('-d /%u', `-d ${folder}`)}`);
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  await untilListening(server, port);
  return {
    port,
    user: username,
    identity: join(home, 'identity'),
    close: () => closed(server, home),
  };
}

/**
 * vsftpd with the settings of infra/uploads, but without a password: the machine has no users for tests. Its root is the
 * inbox, and the station's folder the only one that may be written to.
 */
export async function startFtpServer(inbox: string, station: string): Promise<UploadServer> {
  const { stdout } = await run('id', ['-u', ftpUser]);
  await chown(join(inbox, station), Number(stdout), -1);
  const home = await mkdtemp(join(tmpdir(), 'songma-ftp-'));
  const port = await freePort();
  const empty = join(home, 'empty');
  await mkdir(empty);
  await chmod(empty, 0o555);
  // Of a setting that is there twice the last one counts.
  const own = [
    `listen_port=${port}`,
    'listen_address=127.0.0.1',
    'local_enable=NO',
    'anonymous_enable=YES',
    'no_anon_password=YES',
    `anon_root=${inbox}`,
    `ftp_username=${ftpUser}`,
    'anon_umask=007',
    'anon_upload_enable=YES',
    'anon_mkdir_write_enable=YES',
    'anon_other_write_enable=YES',
    'anon_world_readable_only=NO',
    'pasv_min_port=0',
    'pasv_max_port=0',
    `secure_chroot_dir=${empty}`,
  ];
  const config = join(home, 'vsftpd.conf');
  await writeFile(config, `${await readFile(join(settings, 'vsftpd.conf'), 'utf8')}${own.join('\n')}\n`);
  const server = spawn('/usr/sbin/vsftpd', [config], { stdio: ['ignore', 'ignore', 'pipe'] });
  await untilListening(server, port);
  return { port, user: ftpUser, close: () => closed(server, home) };
}

async function untilListening(server: ChildProcess, port: number): Promise<void> {
  let words = '';
  server.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-2_000)));
  const deadline = performance.now() + startDeadlineMs;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`the server has ended with ${server.exitCode}: ${words}`);
    const socket = connect(port, '127.0.0.1');
    const isOpen = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      once(socket, 'error').then(() => false),
    ]);
    socket.destroy();
    if (isOpen) return;
    if (performance.now() > deadline) throw new Error(`nothing listens on ${port}: ${words}`);
    await wait(50);
  }
}

async function closed(server: ChildProcess, home: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
  }
  await rm(home, { recursive: true, force: true });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

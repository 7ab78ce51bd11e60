import type { Owner, ServerName } from './settings.ts';

/** What the supervisor needs to know of a server to bring, start, watch and stop it. */
export interface ServerRecipe {
  readonly name: ServerName;
  readonly host: string;
  readonly port: number;
  /** Folder of its programs; complete if it exists. */
  readonly programDir: string;
  /** Folder of its settings and data, owned by the user that the server runs as. */
  readonly stateDir: string;
  readonly startDeadlineMs: number;
  readonly stopDeadlineMs: number;
  /** What `bring` does and how long it takes, for people. */
  readonly bringing: string;

  /** Fills an empty folder, later renamed to `programDir`, with the programs. Called only when they are absent. */
  bring(folder: string): Promise<void>;
  /** Writes settings and formats storage in `stateDir`, which exists. Called before each start. */
  prepare(owner: Owner | undefined): Promise<void>;
  /** The server's command line; `stateDir` must occur in it, since that tells the process from others. */
  command(): { file: string; args: string[]; env: NodeJS.ProcessEnv };
  /** Resolves when the server answers a request; throws with the reason when it does not. */
  answers(timeoutMs: number): Promise<void>;
  /** Completes what only a running server can do, such as a first set-up; may be called again. */
  settle(): Promise<void>;
}

/** The environment of a server: nothing of the caller's but the path. */
export function serverEnvironment(homeDir: string): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: homeDir, LANG: 'C.UTF-8' };
}

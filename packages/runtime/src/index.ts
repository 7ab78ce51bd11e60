export {
  clientTlsSettings,
  readClientTls,
  tlsRefusal,
  type ClientTls,
  type ClientTlsFiles,
} from './client-tls.ts';
export { connectionLimits, type ConnectionLimits } from './connections.ts';
export { FailedCredentials, networkOf, type FailedCredentialsLimits } from './failed-credentials.ts';
export { docsPage } from './docs-page.ts';
export { doorOptions, listen, type DoorOptions } from './door.ts';
export { ConfigError, UnavailableError, configExitCode, type SettingProblem } from './errors.ts';
export { fileSchema } from './file-schema.ts';
export { openHealthDoor } from './health-door.ts';
export { askChecks, type CheckResult, type ReadyCheck } from './health.ts';
export { createHttpApp, type HttpApp, type HttpAppOptions } from './http.ts';
export { language, type Bilingual, type Language } from './language.ts';
export { nodeFlags } from './heap.ts';
export { loadConfigOrExit, run, type Life } from './lifecycle.ts';
export { createLogger, type LogLevel, type Logger } from './logger.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export {
  HttpProblem,
  commonProblem,
  commonProblems,
  issueWords,
  problemBody,
  problemResponses,
  problemSchema,
  type CommonProblemCode,
  type Problem,
  type ProblemPlace,
} from './problem.ts';
export { listenSettings, logLevelSetting, portSchema } from './process-settings.ts';
export { keepPrivate, makePrivateDirectory } from './private-files.ts';
export { isOfOwnOrigin, sessionCookie, sessionCookieName, sessionOf } from './session-cookie.ts';
export { pause, retry, type RetryOptions } from './retry.ts';
export {
  describeSettings,
  loadConfig,
  setting,
  type Setting,
  type SettingDescription,
  type SettingDoc,
  type Settings,
  type SettingsOf,
} from './settings.ts';
export { parseSwitches } from './switches.ts';
export { readTls, type TlsFiles, type TlsMaterial } from './tls-files.ts';

/** The first lines that a newcomer reads: where to look, where the keys are, one command that works when pasted. */
export function banner(options: {
  /** Where it listens. */
  readonly url: string;
  /** Where MQTT is taken; absent where it is not. */
  readonly mqtt?: string | undefined;
  readonly keysFile: string;
  readonly samples: boolean;
}): string {
  const url = options.url.replace('127.0.0.1', 'localhost');
  const mqtt =
    options.mqtt === undefined
      ? ''
      : `\n  MQTT             ${options.mqtt.replace('127.0.0.1', 'localhost')}   (topic songma/ENTERPRISE/METER, the key as password)`;
  const keys = options.samples
    ? 'keys of the administrator and of the sample plants'
    : 'key of the administrator';
  return `
Songma runs: ${url}

  page             ${url}/
  API description  ${url}/docs   (OpenAPI: ${url}/openapi.json)${mqtt}
  API keys         ${options.keysFile}   (${keys})

  curl -sS -H "X-Api-Key: $(sed -n 's/^ADMIN_TOKEN=//p' '${options.keysFile}')" '${url}/v1/indicators?window=P1D&limit=3'

`;
}

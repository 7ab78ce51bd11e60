import type { Format } from './format.ts';
import { csv } from './csv.ts';
import { fiveField } from './five-field.ts';
import { json, ndjson } from './json.ts';
import { lineProtocol } from './line-protocol.ts';
import { mqtt } from './mqtt.ts';
import { xlsx } from './xlsx.ts';

/** Every format that the door takes. */
export const formats: readonly Format[] = [json, ndjson, csv, fiveField, xlsx, lineProtocol, mqtt];

/** The Content-Types of all formats, in their order. */
export function mediaTypesOf(known: readonly Format[]): string[] {
  return known.flatMap(({ mediaTypes }) => mediaTypes);
}

/** How the names of files of all formats end, in their order. */
export function extensionsOf(known: readonly Format[]): string[] {
  return known.flatMap(({ extensions }) => extensions);
}

export function formatNamed(known: readonly Format[], name: string): Format | undefined {
  return known.find((format) => format.name === name);
}

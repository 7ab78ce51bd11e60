import { lastsUntil, parseAlertId, type Alert, type AlertAcknowledgement } from '@songma/domain';
import type { InfluxConnection } from './connection.ts';
import { keyText, markTime, measurement, measurementText, stringText } from './names.ts';
import { writeOwnLines } from './write-lines.ts';

/**
 * A revision lies at its alert's origin plus its revision in nanoseconds, so that it has a point of its own and the same
 * revision again takes its place.
 */
export const revisionsMax = 999_999;
const nsPerMs = 1_000_000n;

/** Keeps every revision, and every acknowledgement: which one counts is found when they are read. */
export async function keepRevisions(
  connection: InfluxConnection,
  alerts: readonly Alert[],
  acknowledgements: readonly AlertAcknowledgement[],
): Promise<void> {
  const lines = [...alerts.map(revisionLine), ...acknowledgements.flatMap(acknowledgementLine)];
  await writeOwnLines(connection, lines, 'ns');
}

/** The lines of what stands, of each alert one. */
export function standingAlertLines(alerts: readonly Alert[]): string[] {
  return [...new Map(alerts.map((alert) => [alert.id, alert])).values()].map((alert) => {
    const { kind, parameter, state, peak, origin, since, changedAt } = alert;
    const fields = [
      `json=${stringText(JSON.stringify(alert))}`,
      `kind=${stringText(kind)}`,
      `parameter=${stringText(parameter)}`,
      `state=${stringText(state)}`,
      `severity=${stringText(peak.severity ?? '')}`,
      `origin=${origin}i`,
      `since=${since}i`,
      `until=${Math.min(markTime, lastsUntil(alert))}i`,
      `changed=${changedAt}i`,
    ];
    return `${measurementText(measurement.alerts)},${tagsOf(alert)} ${fields.join(',')} ${origin}`;
  });
}

/** @throws Error when there are more revisions than can lie apart */
function revisionLine(alert: Alert): string {
  const { id, origin, revision } = alert;
  if (revision > revisionsMax) throw new Error(`alert ${id} has more than ${revisionsMax} revisions`);
  const content = stringText(JSON.stringify(alert));
  const time = BigInt(origin) * nsPerMs + BigInt(revision);
  const name = measurementText(measurement.alertRevisions);
  return `${name},${tagsOf(alert)} json=${content},revision=${revision}i ${time}`;
}

/** Of one alert two lie on one point only if they are of the same key, or nearly never: then the later stands. */
function acknowledgementLine(acknowledgement: AlertAcknowledgement): string[] {
  const key = parseAlertId(acknowledgement.alert);
  if (key === undefined) return [];
  const { limit, generation, origin } = key;
  const slot = BigInt(slotOf(`${acknowledgement.by} ${acknowledgement.at}`));
  const time = BigInt(origin) * nsPerMs + slot;
  const content = stringText(JSON.stringify(acknowledgement));
  const name = measurementText(measurement.acknowledgements);
  return [`${name},generation=${generation},limit=${keyText(limit)} json=${content} ${time}`];
}

/** FNV-1a, within a millisecond's nanoseconds. */
function slotOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % 1_000_000;
}

function tagsOf({ id, enterprise, limit, site }: Alert): string {
  const generation = parseAlertId(id)?.generation ?? 1;
  return `enterprise=${keyText(enterprise)},generation=${generation},limit=${keyText(limit)},site=${keyText(site)}`;
}

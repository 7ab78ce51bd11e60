import type { Alert } from '../api/types.ts';
import { say } from '../state/language.ts';
import { alertWords } from '../words/alerts.ts';
import { number } from './format.ts';

/** How far beyond the limit, in words. */
export function severityText(severity: NonNullable<Alert['severity']>): string {
  if (severity === 'warning') return say(alertWords.sevWarning);
  return say(alertWords.sevFrom, { times: number(Number(severity.slice('from-'.length))) });
}

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { seriesStoreCases } from './conformance.ts';
import { createVariant, type Edit } from './variant.ts';

/** A way to break the DuckDB adapter, and the case of the suite that must then fail (named by its beginning). */
interface Mutant extends Edit {
  readonly title: string;
  readonly caught: string;
}

const mutants: readonly Mutant[] = [
  {
    title: 'takes every reading for new',
    file: 'duckdb/block-writer.ts',
    replace: 'if (index.advance(id, time)) continue;',
    by: 'if (index.advance(id, time) || true) continue;',
    caught: '`write` answers for each reading',
  },
  {
    title: 'keeps everything in memory',
    file: 'duckdb/database.ts',
    replace: 'DuckDBInstance.create(path, {',
    by: "DuckDBInstance.create(':memory:', {",
    caught: 'what `write` resolved for survives',
  },
  {
    title: 'takes what it has forgotten for absent',
    file: 'recent-readings.ts',
    replace: 'if (recent === undefined || !(time >= recent.from)) return undefined;',
    by: 'if (recent === undefined || !(time >= recent.from)) return null;',
    caught: 'writing a block again changes nothing',
  },
  {
    title: 'answers a repeat as a duplicate',
    file: 'judge.ts',
    replace: 'return before.revision === 0 ? stored : superseding;',
    by: 'return duplicate;',
    caught: 'writing a block again changes nothing',
  },
  {
    title: 'forgets that a value was confirmed',
    file: 'judge.ts',
    replace: 'return { outcome: outcome.duplicate, versions: nothing, confirmedUs: knownUs };',
    by: 'return duplicate;',
    caught: 'of two readings of one meter and time',
  },
  {
    title: 'lets the last written value stand',
    file: 'duckdb/block-writer.ts',
    replace: 'this.keepSuperseded(series, time, before.knownUs, version.knownUs)',
    by: 'this.keepSuperseded(series, time, after.versions.at(at === 0 ? 1 : 0)!.knownUs, 0)',
    caught: 'of two readings of one meter and time',
  },
  {
    title: 'judges the readings of a call by what was held before it only',
    file: 'duckdb/block-writer.ts',
    replace: 'heldTimes.set(time, after);',
    by: '',
    caught: 'several readings of one meter and time inside one call',
  },
  {
    title: 'hides superseded values from the past too',
    file: 'duckdb/reading-query.ts',
    replace: '`AND s.until <= ${Math.floor(query.asOfUs)}`',
    by: "''",
    caught: '`read` gives each meter in ascending time',
  },
  {
    title: 'gives the farthest readings as neighbours',
    file: 'duckdb/reading-query.ts',
    replace: "${nearest('arg_max', 'time < lo')}",
    by: "${nearest('arg_min', 'time < lo')}",
    caught: 'neighbours are the nearest readings',
  },
  {
    title: 'gives a meter in one chunk of any size',
    file: 'port.ts',
    replace: 'export const chunkReadingsMax = 16_384;',
    by: 'export const chunkReadingsMax = Infinity;',
    caught: 'a long range streams in chunks',
  },
  {
    title: 'makes nothing due when a value is superseded',
    file: 'duckdb/block-writer.ts',
    replace: 'if (judgement.versions.length === 0) continue;',
    by: 'continue;',
    caught: '`due` names each UTC hour',
  },
  {
    title: 'leaves settled changes in the file',
    file: 'duckdb/change-table.ts',
    replace: 'WHERE c.seq = k.seq',
    by: 'WHERE c.seq = k.seq AND false',
    caught: '`due` names each UTC hour',
  },
  {
    title: 'takes a change that nobody has looked at yet for settled',
    file: 'duckdb/pending-changes.ts',
    replace: 'entry.seqs = entry.seqs.filter((seq) => seq > seen);',
    by: 'entry.seqs = entry.seqs.filter((seq) => seq > seen * Infinity);',
    caught: 'a change that comes between `due` and `settle`',
  },
  {
    title: 'names what an earlier answer has named',
    file: 'duckdb/pending-changes.ts',
    replace: 'after === undefined ? { first: 0, seen: 0 } : parseMark(after)',
    by: 'after === undefined || true ? { first: 0, seen: 0 } : parseMark(after)',
    caught: '`due` after a mark',
  },
  {
    title: 'keeps the position of what it marked and forgets what was marked',
    file: 'duckdb/change-table.ts',
    replace: 'this.append();\n    const column',
    by: 'this.added = [];\n    const column',
    caught: '`mark` makes changes due',
  },
  {
    title: 'keeps one position for whatever made changes due',
    file: 'duckdb/change-table.ts',
    replace: "rules: 'rules_to'",
    by: "rules: 'marked_to'",
    caught: 'positions of facts, of rules and of the clock',
  },
  {
    title: 'adds rollups to those that are there',
    file: 'duckdb/result-tables.ts',
    replace: 'AND r.start_ms = k.start_ms',
    by: 'AND false',
    caught: '`settle` replaces rollups',
  },
  {
    title: 'answers the past with what stands now',
    file: 'duckdb/publication-tables.ts',
    replace: 'if (asOf === undefined) {',
    by: 'if (asOf !== Infinity) {',
    caught: '`indicators` answers with what had been published',
  },
  {
    title: 'adds a publication that is made again',
    file: 'duckdb/publication-tables.ts',
    replace: 'after.revision <= held(after.id)',
    by: 'after.revision < held(after.id)',
    caught: '`history` gives every publication',
  },
  {
    title: 'takes the filling of a window for restatements',
    file: 'duckdb/publication-tables.ts',
    replace: '(isRestatement(event) ? 1 : 0)',
    by: '(event.before !== null ? 1 : 0)',
    caught: '`restatements` gives what was published again',
  },
  {
    title: 'begins a page after the time where the last one ended',
    file: 'duckdb/publication-tables.ts',
    replace: '`(published_ms < ${at} OR',
    by: '`(published_ms < ${at} OR false AND',
    caught: '`restatements` gives what was published again',
  },
  {
    title: 'begins a page of alerts after the origin where the last one ended',
    file: 'duckdb/alert-tables.ts',
    replace: '`(${behind} OR (origin_ms',
    by: '`(${behind} OR false AND (origin_ms',
    caught: '`alerts` gives each alert',
  },
  {
    title: 'answers the past with the alerts that stand now',
    file: 'duckdb/alert-tables.ts',
    replace: 'WHERE changed_ms <= ${Math.floor(asOf)} GROUP BY id',
    by: 'GROUP BY id',
    caught: '`alerts` answers with what was said',
  },
  {
    title: 'adds a revision of an alert that is made again',
    file: 'duckdb/alert-tables.ts',
    replace: 'revision <= (held.get(id) ?? 0)',
    by: 'revision < (held.get(id) ?? 0)',
    caught: '`alertHistory` gives every revision',
  },
  {
    title: 'lets the last acknowledgement count',
    file: 'alert-query.ts',
    replace: 'if (a === undefined || b.at < a.at) return b;',
    by: 'if (a === undefined || b.at > 0) return b;',
    caught: 'of the acknowledgements of an alert',
  },
  {
    title: 'settles what it was only to keep',
    file: 'duckdb/writer.ts',
    replace: 'return this.transaction(() => this.results.replace(results));',
    by: "return this.settle('S00', this.due('S00', 10).mark ?? '0:0', results);",
    caught: '`keep` keeps results',
  },
  {
    title: 'goes on after a failed commit with what it remembers',
    file: 'duckdb/duckdb-series-store.ts',
    replace: 'this.writer = undefined;\n        writer.close();',
    by: '',
    caught: '`write` rejects with `UnavailableError`',
  },
];

test.each(mutants)('the suite finds out a store that $title', async ({ caught, ...edit }) => {
  const names = Object.keys(seriesStoreCases).filter((name) => name.startsWith(caught));
  expect(names).toHaveLength(1);
  const variant = await createVariant([edit]);
  const subject = await variant.start();
  try {
    await expect(seriesStoreCases[names[0]!]!(subject)).rejects.toBeInstanceOf(Error);
  } finally {
    await subject.end();
    await variant.remove();
  }
});

test('each case of the suite holds a promise of the port by its name', async () => {
  const source = await readFile(new URL('../src/port.ts', import.meta.url), 'utf8');
  const list = /each held by a case of the same name[^\n]*\n([\s\S]*?)\n \*\n/.exec(source)![1]!;
  const promises = list
    .replace(/\n \* {3}/g, ' ')
    .split('\n')
    .map((line) => line.replace(/^ \* - /, '').replace(/[;.]$/, ''));
  expect(Object.keys(seriesStoreCases).toSorted()).toEqual(promises.toSorted());
});

import { describe } from 'vitest';
import { describeConformance } from './conformance.ts';
import { openSqliteBench } from './sqlite-bench.ts';

describe('SqliteEventLog', () => {
  describeConformance(() => openSqliteBench());
});

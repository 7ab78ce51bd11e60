import { describeHistories, histories } from './describe-histories.ts';

describeHistories({
  title: 'DuckDB',
  isThere: true,
  count: Math.ceil(histories / 2),
  open: async () => undefined,
});

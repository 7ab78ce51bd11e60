export { applyFile, type Applied } from './apply.ts';
export {
  createRowReader,
  mappingSchema,
  UnreadableCellError,
  type Mapping,
  type MeterTime,
} from './mapping.ts';
export { pushFile, type MeterTotals, type PushProgress, type PushReport } from './push.ts';
export { UsageError } from './usage-error.ts';

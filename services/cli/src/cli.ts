export { addressOf } from './address.ts';
export { applyFile, changesOf, type Applied, type ApplyOptions, type FieldChange } from './apply.ts';
export { mappingSchema, parseMapping, type Mapping } from './mapping.ts';
export { pushFile, type MeterTotals, type PushProgress, type PushReport } from './push.ts';
export { readRows, type FileMeter, type FileRows, type UnreadPart } from './rows.ts';
export { readTable, type Table } from './table.ts';
export { UsageError } from './usage-error.ts';

export { mergedOver, readWorkbook, type Cell, type Workbook } from './workbook.ts';
export { isOldWorkbook, isWorkbook, type WorkbookBounds } from './archive.ts';
export { WorkbookFault, workbookFaults, type WorkbookFaultCode } from './workbook-fault.ts';

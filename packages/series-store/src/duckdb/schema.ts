import { windowKinds, type IndicatorWindow, type WindowKind } from '@songma/domain';

/** Changes with the tables below; a file of another version is refused at opening. */
export const schemaVersion = 6;

const spanKinds: readonly (WindowKind | IndicatorWindow)[] = [...windowKinds, 'R12M'];

/** What columns `span` hold. */
export const spanCode = (window: WindowKind | IndicatorWindow) => spanKinds.indexOf(window);

/**
 * Without indexes, constraints or defaults: those are what DuckDB's log replay has failed on, and the store needs
 * none. Created once, in one transaction with the version; later there is no DDL.
 */
export const schema = `
-- What \`markedTo\` of the port gives: of facts, of rules, and of the clock.
CREATE TABLE meta (version INTEGER, marked_to BIGINT, rules_to BIGINT, clock_to BIGINT);

-- Meters that ever had a reading or a rollup; ids are given in the order of their coming.
CREATE TABLE series (id INTEGER, site VARCHAR, meter VARCHAR);

-- One row for each version of a reading. Append-only.
CREATE TABLE readings (
  series INTEGER, time BIGINT, value DOUBLE, flags UTINYINT, known BIGINT, revision USMALLINT
);

-- The version (series, time, known) does not stand as of \`until\` or later. Append-only; several rows may say it.
CREATE TABLE superseded (series INTEGER, time BIGINT, known BIGINT, until BIGINT);

-- Writes that repeated what stood: the \`confirmedUs\` of a history. Append-only.
CREATE TABLE confirmed (series INTEGER, time BIGINT, known BIGINT);

-- Hours that are to be computed again, some of one meter only; a row goes when it is settled.
CREATE TABLE changes (seq BIGINT, shard VARCHAR, site VARCHAR, hour BIGINT, meter VARCHAR);

CREATE TABLE rollups (
  series INTEGER, span UTINYINT, start_ms BIGINT, end_ms BIGINT, count INTEGER, expected DOUBLE,
  covered_ms BIGINT, coverage DOUBLE, sum DOUBLE, mean DOUBLE, min DOUBLE, max DOUBLE,
  calibrating INTEGER, fault INTEGER, out_of_range INTEGER, spread_ms BIGINT, irregular INTEGER, revision INTEGER,
  quarters INTEGER, valid_span_ms BIGINT, calibrating_ms BIGINT, fault_ms BIGINT,
  out_of_range_ms BIGINT, below_detection INTEGER, valid_ms BIGINT, rules INTEGER
);

-- The publication of each indicator that stands: \`site\` is empty for a whole enterprise, \`product\` for all of them,
-- \`body\` is the indicator as JSON.
CREATE TABLE indicators (
  id VARCHAR, enterprise VARCHAR, site VARCHAR, product VARCHAR, name VARCHAR, span UTINYINT, start_ms BIGINT,
  revision INTEGER, body VARCHAR
);

-- Every publication, in the order of its coming: \`body\` is the indicator as JSON; what it replaced is the revision
-- before it. \`restates\` is odd where it restates, and at least 2 where the publication says it itself.
CREATE TABLE publications (
  id VARCHAR, enterprise VARCHAR, site VARCHAR, product VARCHAR, name VARCHAR, span UTINYINT, start_ms BIGINT,
  revision INTEGER, published_ms BIGINT, cause VARCHAR, restates UTINYINT, body VARCHAR
);

-- The revision of each alert that stands: \`severity\` is its peak's or empty, \`until_ms\` the end of the time of an open
-- one, \`body\` the alert as JSON.
CREATE TABLE alerts (
  id VARCHAR, limit_id VARCHAR, enterprise VARCHAR, site VARCHAR, kind VARCHAR, parameter VARCHAR, severity VARCHAR,
  state VARCHAR, origin_ms BIGINT, since_ms BIGINT, until_ms BIGINT, changed_ms BIGINT, revision INTEGER, body VARCHAR
);

-- Every revision, in the order of its coming; likewise.
CREATE TABLE alert_revisions (
  id VARCHAR, limit_id VARCHAR, enterprise VARCHAR, site VARCHAR, kind VARCHAR, parameter VARCHAR, severity VARCHAR,
  state VARCHAR, origin_ms BIGINT, since_ms BIGINT, until_ms BIGINT, changed_ms BIGINT, revision INTEGER, body VARCHAR
);

-- The acknowledgement of each alert that counts, \`body\` as JSON.
CREATE TABLE acknowledgements (alert VARCHAR, at_ms BIGINT, body VARCHAR);

INSERT INTO meta VALUES (${schemaVersion}, NULL, NULL, NULL);
`;

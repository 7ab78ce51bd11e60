const width = 120;
const height = 34;

/** A small line without axes; null is a gap in it. `label` says in words what it shows. */
export function Sparkline({
  values,
  label,
  filled = false,
}: {
  readonly values: readonly (number | null)[];
  readonly label: string;
  readonly filled?: boolean;
}) {
  const { line, area } = sparkPaths(values, filled);
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {area !== '' && <path d={area} class="area" />}
      {line !== '' && <path d={line} />}
    </svg>
  );
}

/** The line through the known values, broken where one is missing. An amount (`filled`) is seen from zero. */
export function sparkPaths(
  values: readonly (number | null)[],
  filled: boolean,
): { line: string; area: string } {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return { line: '', area: '' };
  const top = Math.max(...known);
  const bottom = filled ? 0 : Math.min(...known);
  const range = top - bottom || 1;
  let line = '';
  let isOpen = false;
  for (const [index, value] of values.entries()) {
    if (value !== null) {
      const x = (index / (values.length - 1)) * width;
      const y = height - 3 - ((value - bottom) / range) * (height - 6);
      line += `${isOpen ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    }
    isOpen = value !== null;
  }
  return { line, area: filled ? `${line}L${width} ${height}L0 ${height}Z` : '' };
}

/**
 * An element with attributes and children. Texts are set as text, never as markup, so that a name can do no harm.
 * `on…` attributes are listeners.
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return made;
}

const svgNames = 'http://www.w3.org/2000/svg';

/** A small line without axes; null is a gap in it. `label` says in words what it shows. */
export function sparkline(values, label, { filled = false } = {}) {
  const width = 120;
  const height = 34;
  const known = values.filter((value) => value !== null);
  const svg = document.createElementNS(svgNames, 'svg');
  svg.setAttribute('class', 'spark');
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  if (known.length < 2) return svg;
  const top = Math.max(...known);
  // An amount is seen from zero, an intensity between its own bounds.
  const bottom = filled ? 0 : Math.min(...known);
  const range = top - bottom || 1;
  const points = values.map((value, i) =>
    value === null
      ? null
      : [(i / (values.length - 1)) * width, height - 3 - ((value - bottom) / range) * (height - 6)],
  );
  const line = points
    .map((point, i) =>
      point === null ? '' : `${points[i - 1] ? 'L' : 'M'}${point[0].toFixed(1)} ${point[1].toFixed(1)}`,
    )
    .join('');
  if (filled) svg.append(path(`${line}L${width} ${height}L0 ${height}Z`, 'area'));
  svg.append(path(line));
  return svg;
}

function path(data, className) {
  const made = document.createElementNS(svgNames, 'path');
  made.setAttribute('d', data);
  if (className !== undefined) made.setAttribute('class', className);
  return made;
}

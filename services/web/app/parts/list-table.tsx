import type { ComponentChildren } from 'preact';
import { say } from '../state/language.ts';
import { go } from '../state/router.ts';
import { common } from '../words/common.ts';

/** A table that is wider than a narrow screen: it is moved within itself, by keyboard too. */
export function ListTable({
  name,
  columns,
  children,
}: {
  readonly name: string;
  readonly columns: readonly string[];
  readonly children: ComponentChildren;
}) {
  return (
    <div class="wide-table" tabIndex={0} role="region" aria-label={say(common.table, { name })}>
      <table class="list">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** A row that leads somewhere, wherever it is clicked; by keyboard its link does. */
export function LinkedRow({
  href,
  look = '',
  children,
}: {
  readonly href: string;
  readonly look?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <tr
      class={`row ${look}`}
      onClick={(event) => {
        if ((event.target as Element).closest('a') === null) go(href);
      }}
    >
      {children}
    </tr>
  );
}

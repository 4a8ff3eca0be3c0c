// Parts that pages are put together from.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

// The heading of a page. Takes the focus, so that a screen reader tells where one has arrived.
export function PageTitle({ title, about, children }: { title: string; about?: string; children?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = about ? `${title} · ${about}` : title;
    const inside = document.activeElement;
    if (!inside || inside === document.body || inside.closest('nav')) heading.current?.focus({ preventScroll: true });
  }, [title, about]);
  return (
    <header class="title">
      <h1 ref={heading} tabIndex={-1}>{title}</h1>
      {children}
    </header>
  );
}

export function Section({ title, children, aside, id }: { title: string; children: ComponentChildren; aside?: ComponentChildren; id?: string }) {
  return (
    <section class="section" aria-label={title} id={id}>
      <header><h2>{title}</h2>{aside}</header>
      {children}
    </section>
  );
}

// Names with their values.
export function Facts({ items }: { items: ([string, ComponentChildren] | undefined | false)[] }) {
  return (
    <dl class="facts">
      {items.filter((item): item is [string, ComponentChildren] => Boolean(item)).map(([name, value]) => (
        <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}

// Says what is not there, and what to do next.
export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ComponentChildren;
  // Numbers stand right, so that their digits stand below each other.
  number?: boolean;
  // Takes what room is left.
  wide?: boolean;
}

// A table; on a phone each row becomes a card, with the titles beside the values. The roles say what it still is then.
// `small`: it stays a table there, since its columns are few and short.
export function Table<Row>({ caption, columns, rows, rowKey, small = false }: {
  caption: string; columns: (Column<Row> | false)[]; rows: readonly Row[]; rowKey: (row: Row) => string; small?: boolean;
}) {
  const shown = columns.filter((column): column is Column<Row> => Boolean(column));
  const classOf = (column: Column<Row>): string => `${column.number ? 'number' : ''} ${column.wide ? 'wide' : ''}`.trim();
  return (
    <div class={small ? 'table small-table' : 'table'}>
      <table role="table">
        <caption>{caption}</caption>
        <thead role="rowgroup"><tr role="row">{shown.map((column) => <th key={column.title} scope="col" role="columnheader" class={classOf(column)}>{column.title}</th>)}</tr></thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row">
              {shown.map((column) => <td key={column.title} role="cell" class={classOf(column)} data-title={column.title}><div>{column.cell(row)}</div></td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

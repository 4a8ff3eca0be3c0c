// From page to page of a list. The page stands in the address, so that the browser's way back works.
import { href, route } from '../router';
import { count } from '../text/words';

export function Pager({ nextToken, total, lowerBound = false, shown }: {
  nextToken: string; total?: bigint; lowerBound?: boolean; shown: number;
}) {
  const { path, query } = route.value;
  const rest = Object.fromEntries(query);
  const inside = Boolean(rest.page);
  if (!inside && !nextToken) {
    return total !== undefined && shown > 0 ? <p class="pager">{count(total)} in all</p> : null;
  }
  return (
    <nav class="pager" aria-label="Pages">
      <span>{count(shown)} shown{total !== undefined && ` of ${lowerBound ? 'at least ' : ''}${count(total)}`}</span>
      {inside && <a href={href(path, { ...rest, page: undefined })}>Newest</a>}
      {nextToken && <a href={href(path, { ...rest, page: nextToken })}>Older</a>}
    </nav>
  );
}

// Where the page is: the part of the address after `#`, e.g. `#/exporters/acme/runs?states=failed`. The server is asked
// for one page only, so the console also works below a proxy's path, and filters reach no server's log.
import { signal } from '@preact/signals';

export interface Route {
  path: string[];
  query: URLSearchParams;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return { path: path.split('/').filter(Boolean).map(decode), query: new URLSearchParams(query) };
}

export const route = signal<Route>(parse(location.hash));

window.addEventListener('hashchange', () => {
  route.value = parse(location.hash);
});

// Another address in the place of this one, without a way back to it.
export function replace(address: string): void {
  history.replaceState(null, '', address);
  route.value = parse(location.hash);
}

export type Query = Record<string, string | undefined>;

// The address of a place in the console. Empty values are left out.
export function href(path: string[], query: Query = {}): string {
  const search = new URLSearchParams(Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1])));
  const text = search.toString();
  return `#/${path.map(encodeURIComponent).join('/')}${text ? `?${text}` : ''}`;
}

export function go(path: string[], query: Query = {}): void {
  location.hash = href(path, query);
}

// Changes some of the query and keeps the rest. A changed filter begins at the first page again.
export function setQuery(changes: Query, addToHistory = true): void {
  const query: Query = { ...Object.fromEntries(route.peek().query), page: undefined, ...changes };
  const address = href(route.peek().path, query);
  if (addToHistory) location.hash = address;
  else replace(address);
}

export const places = {
  overview: () => href([]),
  exporter: (exporter: string) => href(['exporters', exporter]),
  runs: (exporter: string, query: Query = {}) => href(['exporters', exporter, 'runs'], query),
  run: (exporter: string, run: string) => href(['exporters', exporter, 'runs', run]),
  replay: (exporter: string, query: Query = {}) => href(['exporters', exporter, 'replay'], query),
  deadLetters: (exporter: string, query: Query = {}) => href(['exporters', exporter, 'dead-letters'], query),
  configuration: (exporter: string, query: Query = {}) => href(['exporters', exporter, 'configuration'], query),
  versions: (exporter: string) => href(['exporters', exporter, 'versions']),
  preview: (exporter: string, query: Query = {}) => href(['exporters', exporter, 'preview'], query),
  history: (exporter: string, query: Query = {}) => href(['exporters', exporter, 'history'], query),
  newExporter: () => href(['new-exporter']),
  members: () => href(['members']),
  audit: (query: Query = {}) => href(['audit'], query),
};

// Settings that were changed in the form and not stored yet. They live as long as the page, so that a preview with them
// and the way back lose nothing.
import { create } from '@bufbuild/protobuf';
import { FieldMaskSchema, type FieldMask } from '@bufbuild/protobuf/wkt';
import { signal } from '@preact/signals';
import { ExporterConfigSchema, type ExporterConfig } from '../../gen/logexport/v1/config_pb';
import { leaves, parse, setAt, type Leaf } from './leaves';

// By path: what was typed, or undefined where the setting shall return to its default.
export type Edits = ReadonlyMap<string, string | undefined>;

const drafts = signal<ReadonlyMap<string, Edits>>(new Map());
const none: Edits = new Map();

export function editsOf(exporter: string): Edits {
  return drafts.value.get(exporter) ?? none;
}

function store(exporter: string, edits: Edits): void {
  drafts.value = new Map(drafts.peek()).set(exporter, edits);
}

export function edit(exporter: string, path: string, text: string | undefined): void {
  store(exporter, new Map(editsOf(exporter)).set(path, text));
}

export function undo(exporter: string, path: string): void {
  const edits = new Map(editsOf(exporter));
  edits.delete(path);
  store(exporter, edits);
}

export function discard(exporter: string): void {
  store(exporter, none);
}

export interface Change {
  config: ExporterConfig;
  mask: FieldMask;
  // What cannot be read, by path.
  errors: Map<string, string>;
}

// The edits as an update: the values, and the mask that names all of them.
export function changeOf(edits: Edits, wanted: (leaf: Leaf) => boolean = () => true): Change {
  const config = create(ExporterConfigSchema);
  const errors = new Map<string, string>();
  const paths: string[] = [];
  for (const leaf of leaves) {
    if (!edits.has(leaf.path) || !wanted(leaf)) continue;
    paths.push(leaf.path);
    const text = edits.get(leaf.path);
    if (text === undefined) {
      setAt(config, leaf, undefined);
      continue;
    }
    const parsed = parse(leaf, text);
    if ('error' in parsed) errors.set(leaf.path, parsed.error);
    else setAt(config, leaf, parsed.value);
  }
  return { config, mask: create(FieldMaskSchema, { paths }), errors };
}

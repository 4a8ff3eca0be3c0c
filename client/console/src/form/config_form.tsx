// The settings of an exporter as a form, section by section.
import { useState } from 'preact/hooks';
import type { ExporterConfig } from '../../gen/logexport/v1/config_pb';
import { TextField } from '../ui/fields';
import { Section } from '../ui/layout';
import { Comment } from '../ui/text';
import { sections, type Leaf } from './leaves';
import { Setting } from './setting';
import type { Edits } from './draft';

export function ConfigForm({ stored, edits, errors, locked, onEdit, onUndo }: {
  stored: ExporterConfig | undefined;
  edits: Edits;
  // What is wrong, by path.
  errors: ReadonlyMap<string, string>;
  // Whether it can only be read.
  locked: boolean;
  onEdit: (path: string, text: string | undefined) => void;
  onUndo: (path: string) => void;
}) {
  const [find, setFind] = useState('');
  const wanted = (leaf: Leaf): boolean => `${leaf.path} ${leaf.help}`.toLowerCase().includes(find.toLowerCase()) || edits.has(leaf.path) || errors.has(leaf.path);
  return (
    <>
      <div class="filters"><TextField label="Find a setting" type="search" value={find} onInput={setFind} placeholder="name or words" /></div>
      {sections.map((section) => {
        const shown = section.leaves.filter(wanted);
        return shown.length > 0 && (
          <Section key={section.name} title={section.name.charAt(0).toUpperCase() + section.name.slice(1)}>
            <p class="hint"><Comment text={section.help} /></p>
            <div class="settings">
              {shown.map((leaf) => (
                <Setting key={leaf.path} leaf={leaf} stored={stored} locked={locked} error={errors.get(leaf.path)}
                  edited={edits.has(leaf.path) ? { text: edits.get(leaf.path) } : undefined}
                  onEdit={(text) => onEdit(leaf.path, text)} onUndo={() => onUndo(leaf.path)} />
              ))}
            </div>
          </Section>
        );
      })}
    </>
  );
}

// One setting in the form.
import { useState } from 'preact/hooks';
import { api } from '../rpc/client';
import { useCall } from '../live/use_call';
import { capital, commentOf, valuesOf } from '../text/words';
import { CheckField, SelectField, TextField } from '../ui/fields';
import { Comment } from '../ui/text';
import { defaultOf, textOf, valueAt, type Leaf } from './leaves';
import type { ExporterConfig } from '../../gen/logexport/v1/config_pb';

interface Props {
  leaf: Leaf;
  stored: ExporterConfig | undefined;
  // What was typed instead of the stored value; undefined for the default.
  edited: { text: string | undefined } | undefined;
  error: string | undefined;
  locked: boolean;
  onEdit: (text: string | undefined) => void;
  onUndo: () => void;
}

function labelOf(leaf: Leaf): string {
  return capital(leaf.field.name.replaceAll('_', ' ')).replace(/\b(url|ttl)\b/, (word) => word.toUpperCase());
}

// The types of logs to choose from, beside what can be typed.
function LogTypes({ chosen, onToggle }: { chosen: string[]; onToggle: (code: string) => void }) {
  const reading = useCall('log types', (options) => api.listLogTypes({}, options));
  const [find, setFind] = useState('');
  const found = (reading.data?.logTypes ?? []).filter(({ code, name, category }) => `${code} ${name} ${category}`.toLowerCase().includes(find.toLowerCase()));
  return (
    <div class="choices">
      <TextField label="Find a log type" type="search" value={find} onInput={setFind} />
      <ul class="plain">
        {found.map(({ code, name, category }) => (
          <li key={code}><label><input type="checkbox" checked={chosen.includes(code)} onInput={() => onToggle(code)} /> <code>{code}</code> {name} <span class="small">{category}</span></label></li>
        ))}
      </ul>
    </div>
  );
}

export function Setting({ leaf, stored, edited, error, locked, onEdit, onUndo }: Props) {
  const { field } = leaf;
  const [choosing, setChoosing] = useState(false);
  const before = textOf(leaf, valueAt(stored, leaf));
  const text = edited ? edited.text ?? '' : before;
  const toDefault = edited !== undefined && edited.text === undefined;
  const change = (value: string): void => (value === before && !leaf.secret ? onUndo() : onEdit(value));
  const chosen = field.fieldKind === 'enum' ? commentOf(field.enum, Number(text)) : '';
  const shared = { label: labelOf(leaf), hint: <><Comment text={leaf.help} />{chosen && <> <em>{chosen}</em></>}</>, error, disabled: locked };

  let input;
  if (toDefault) input = <TextField {...shared} value="" placeholder="returns to its default" onInput={change} />;
  else if (field.fieldKind === 'enum') {
    input = <SelectField {...shared} value={text || '0'} onInput={change}
      options={[{ value: '0', text: 'default' }, ...valuesOf(field.enum).map(({ value, word }) => ({ value: String(value), text: word }))]} />;
  } else if (field.fieldKind === 'scalar' && typeof defaultOf(field) === 'boolean') {
    input = <CheckField {...shared} value={text === 'true'} onInput={(on) => change(String(on))} />;
  } else if (leaf.secret) {
    // A reference is no secret, and is shown; a literal never comes back.
    const literal = before === '********';
    input = <TextField {...shared} type={literal || edited ? 'password' : 'text'} autoComplete="new-password" value={edited ? text : literal ? '' : before}
      placeholder={literal ? 'stored; type to replace it' : 'a literal, env:LOGEXPORT_SECRET_…, or file:/path'} onInput={(value) => (value === '' && literal ? onUndo() : change(value))} />;
  } else {
    input = <TextField {...shared} value={text} multiline={field.fieldKind === 'list'} onInput={change}
      placeholder={field.fieldKind === 'list' ? 'one a line' : ''} />;
  }
  const lines = text.split(/[\n,]/).map((line) => line.trim()).filter(Boolean);
  return (
    <div class={edited ? 'setting edited' : 'setting'}>
      {input}
      {leaf.valuesFrom === 'ListLogTypes.code' && !locked && (
        <button type="button" class="link" aria-expanded={choosing} onClick={() => setChoosing(!choosing)}>{choosing ? 'Close the list' : 'Choose from a list'}</button>
      )}
      {choosing && <LogTypes chosen={lines} onToggle={(code) => change((lines.includes(code) ? lines.filter((line) => line !== code) : [...lines, code]).join('\n'))} />}
      {!locked && (
        <p class="setting-actions">
          {edited ? <button type="button" class="link" onClick={onUndo} aria-label={`Undo ${leaf.path}`}>Undo</button>
            : before !== '' && <button type="button" class="link" onClick={() => onEdit(undefined)} aria-label={`Return ${leaf.path} to its default`}>Default</button>}
        </p>
      )}
    </div>
  );
}

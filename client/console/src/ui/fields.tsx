// Inputs with their labels, hints and errors.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
}

// What a label says of its input: id, and the ids of hint and error.
function useField({ hint, error }: FieldProps): { id: string; described: string | undefined; extra: ComponentChildren } {
  const id = useId();
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ') || undefined;
  const extra = (
    <>
      {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </>
  );
  return { id, described, extra };
}

export function TextField(props: FieldProps & {
  value: string; onInput: (value: string) => void; placeholder?: string; type?: 'text' | 'password' | 'search';
  multiline?: boolean; onChange?: (value: string) => void; autoComplete?: string; list?: string; disabled?: boolean;
}) {
  const { id, described, extra } = useField(props);
  const shared = {
    id, value: props.value, placeholder: props.placeholder, 'aria-describedby': described, 'aria-invalid': Boolean(props.error),
    disabled: props.disabled, spellcheck: false,
    onInput: (event: { currentTarget: { value: string } }) => props.onInput(event.currentTarget.value),
    onChange: (event: { currentTarget: { value: string } }) => props.onChange?.(event.currentTarget.value),
  } as const;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.multiline ? <textarea rows={3} {...shared} />
        : <input type={(props.type ?? 'text') as 'text'} autoComplete={props.autoComplete ?? 'off'} list={props.list} {...shared} />}
      {extra}
    </div>
  );
}

export function SelectField(props: FieldProps & {
  value: string; onInput: (value: string) => void; options: readonly { value: string; text: string }[]; disabled?: boolean;
}) {
  const { id, described, extra } = useField(props);
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select id={id} value={props.value} aria-describedby={described} aria-invalid={Boolean(props.error)} disabled={props.disabled}
        onInput={(event) => props.onInput(event.currentTarget.value)}>
        {props.options.map(({ value, text }) => <option key={value} value={value}>{text}</option>)}
      </select>
      {extra}
    </div>
  );
}

export function CheckField(props: FieldProps & { value: boolean; onInput: (value: boolean) => void; disabled?: boolean }) {
  const { id, described, extra } = useField(props);
  return (
    <div class="field check">
      <input type="checkbox" id={id} checked={props.value} aria-describedby={described} disabled={props.disabled}
        onInput={(event) => props.onInput(event.currentTarget.checked)} />
      <label for={id}>{props.label}</label>
      {extra}
    </div>
  );
}

// One of a few, each of them visible.
export function Choice({ label, value, options, onInput }: {
  label: string; value: string; options: readonly { value: string; text: string }[]; onInput: (value: string) => void;
}) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => onInput(option.value)} />
          <span>{option.text}</span>
        </label>
      ))}
    </fieldset>
  );
}

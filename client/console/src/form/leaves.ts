// The settings of an exporter as a flat list, from the descriptors: a setting that is added to the schema is in the form.
import { create, isMessage, type DescField, type DescMessage, type Message } from '@bufbuild/protobuf';
import { DurationSchema, type Duration } from '@bufbuild/protobuf/wkt';
import { getOption } from '@bufbuild/protobuf';
import { comments } from '../../gen/comments';
import { ExporterConfigSchema, type ExporterConfig } from '../../gen/logexport/v1/config_pb';
import { sensitive, values_from } from '../../gen/logexport/v1/options_pb';
import { durationInput, parseDuration } from '../text/durations';
import { valuesOf } from '../text/words';

export interface Leaf {
  // As in an update mask, e.g. `schedule.cron`.
  path: string;
  // The messages on the way and the field itself.
  steps: DescField[];
  field: DescField;
  section: string;
  help: string;
  secret: boolean;
  // Where its values come from, e.g. `ListLogTypes.code`; empty if from nowhere.
  valuesFrom: string;
}

type Plain = Record<string, unknown>;

// What is no setting: it is applied once and never stored. The page for replays does what it does.
const INPUT_ONLY = new Set(['start_from']);

function walk(message: DescMessage, before: DescField[], section: string): Leaf[] {
  return message.fields.flatMap((field): Leaf[] => {
    const steps = [...before, field];
    if (before.length === 0 && INPUT_ONLY.has(field.name)) return [];
    if (field.fieldKind === 'message' && field.message.typeName !== DurationSchema.typeName) {
      return walk(field.message, steps, section || field.name);
    }
    return [{
      path: steps.map(({ name }) => name).join('.'), steps, field, section,
      help: comments[`${message.name}.${field.name}`] ?? '',
      secret: getOption(field, sensitive), valuesFrom: getOption(field, values_from),
    }];
  });
}

export const leaves: readonly Leaf[] = walk(ExporterConfigSchema, [], '');
export const sections: readonly { name: string; help: string; leaves: Leaf[] }[] = ExporterConfigSchema.fields
  .filter((field) => field.fieldKind === 'message')
  .map((field) => ({ name: field.name, help: comments[`ExporterConfig.${field.name}`] ?? '', leaves: leaves.filter(({ section }) => section === field.name) }));

// The value in a configuration; undefined where it is not set.
export function valueAt(config: ExporterConfig | undefined, leaf: Leaf): unknown {
  let at: unknown = config;
  for (const { localName } of leaf.steps) at = (at as Plain | undefined)?.[localName];
  return at;
}

// Sets the value, making the messages on the way. Undefined only makes the way.
export function setAt(config: ExporterConfig, leaf: Leaf, value: unknown): void {
  let at = config as unknown as Plain;
  for (const step of leaf.steps.slice(0, -1)) {
    if (step.fieldKind !== 'message') return;
    at = (at[step.localName] ??= create(step.message)) as Plain;
  }
  if (value !== undefined) at[leaf.field.localName] = value;
}

function scalarText(field: DescField, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (isMessage(value, DurationSchema)) return durationInput(value);
  if (field.fieldKind === 'message' || (field.fieldKind === 'list' && field.listKind === 'message')) return rowText(field.message, value as Message);
  return String(value);
}

// A message in a list, such as a privacy rule, as its fields with spaces between.
function rowText(message: DescMessage, value: Message): string {
  return message.fields.map((field) => {
    const part = (value as unknown as Plain)[field.localName];
    return field.fieldKind === 'enum' ? valuesOf(field.enum).find((known) => known.value === part)?.word ?? '' : String(part ?? '');
  }).join(' ');
}

// As the form shows and takes it: lists with a line for each item.
export function textOf(leaf: Leaf, value: unknown): string {
  const { field } = leaf;
  if (field.fieldKind === 'list') return ((value as unknown[] | undefined) ?? []).map((item) => scalarText(field, item)).join('\n');
  return scalarText(field, value);
}

export type Parsed = { value: unknown } | { error: string };

function parseRow(message: DescMessage, text: string): Parsed {
  const words = text.trim().split(/\s+/);
  if (words.length !== message.fields.length) return { error: `“${text}”: each line has ${message.fields.map(({ name }) => name).join(' and ')}` };
  const row: Plain = {};
  for (const [i, field] of message.fields.entries()) {
    const word = words[i] ?? '';
    if (field.fieldKind === 'enum') {
      const known = valuesOf(field.enum).find((value) => value.word === word.toLowerCase());
      if (!known) return { error: `“${word}”: one of ${valuesOf(field.enum).map((value) => value.word).join(', ')}` };
      row[field.localName] = known.value;
    } else row[field.localName] = word;
  }
  return { value: create(message, row as never) };
}

function parseDurationText(text: string): Parsed {
  const duration: Duration | undefined = parseDuration(text);
  return duration ? { value: duration } : { error: 'A duration, such as 90s, 2h or 1d12h' };
}

function parseItem(field: DescField, text: string): Parsed {
  if ((field.fieldKind === 'message' || field.fieldKind === 'list') && field.message) {
    return field.message.typeName === DurationSchema.typeName ? parseDurationText(text) : parseRow(field.message, text);
  }
  return { value: text };
}

// What was typed, as a value of the field. The service checks the rest.
export function parse(leaf: Leaf, text: string): Parsed {
  const { field } = leaf;
  if (field.fieldKind === 'list') {
    const items: unknown[] = [];
    for (const line of text.split('\n').map((part) => part.trim()).filter(Boolean)) {
      // Of plain values several may stand in a line, as on the command line.
      for (const part of field.listKind === 'scalar' ? line.split(',').map((word) => word.trim()).filter(Boolean) : [line]) {
        const parsed = parseItem(field, part);
        if ('error' in parsed) return parsed;
        items.push(parsed.value);
      }
    }
    return { value: items };
  }
  if (field.fieldKind === 'message') return parseDurationText(text);
  if (field.fieldKind === 'enum') return { value: Number(text) };
  if (typeof defaultOf(field) === 'boolean') return { value: text === 'true' };
  if (typeof defaultOf(field) === 'string') return { value: text };
  if (!/^-?\d{1,18}$/.test(text.trim())) return { error: 'A whole number' };
  if (typeof defaultOf(field) === 'bigint') return { value: BigInt(text.trim()) };
  const number = Number(text.trim());
  return Math.abs(number) < 2 ** 31 ? { value: number } : { error: 'Too large' };
}

// The zero value of a scalar, for its type.
export function defaultOf(field: DescField): unknown {
  return field.fieldKind === 'scalar' ? (create(field.parent) as unknown as Plain)[field.localName] ?? field.getDefaultValue() ?? zeroOf(field.scalar) : undefined;
}

function zeroOf(scalar: number): unknown {
  // Of descriptor.proto: 3 and 4 are 64 bits wide, 8 is bool, 9 is string.
  if (scalar === 8) return false;
  if (scalar === 9) return '';
  return scalar === 3 || scalar === 4 ? 0n : 0;
}

// Values of enums and numbers as words.
import type { DescEnum } from '@bufbuild/protobuf';
import { comments } from '../../gen/comments';

// `RUN_STATE_SUCCEEDED` as `succeeded`; a value that this page does not know as its number.
export function wordOf(type: DescEnum, value: number): string {
  return constantOf(type, value).toLowerCase().replaceAll('_', ' ');
}

// `RUN_STATE_SUCCEEDED` as `SUCCEEDED`, as it stands in texts of the service.
export function constantOf(type: DescEnum, value: number): string {
  const known = type.value[value];
  return known ? known.name.slice(type.sharedPrefix?.length ?? 0) : String(value);
}

// What the schema says of a value.
export function commentOf(type: DescEnum, value: number): string {
  const known = type.value[value];
  return known ? comments[known.name] ?? '' : '';
}

// What the schema says of a constant that is sent as text, e.g. RunErrorReason `AUTH0_FORBIDDEN`.
export function commentOfConstant(type: DescEnum, constant: string): string {
  return comments[`${(type.sharedPrefix ?? '').toUpperCase()}${constant}`] ?? '';
}

// All values but the unspecified one.
export function valuesOf(type: DescEnum): { value: number; word: string; constant: string }[] {
  return type.values.filter(({ number }) => number !== 0).map(({ number }) => ({
    value: number, word: wordOf(type, number), constant: constantOf(type, number),
  }));
}

const integers = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fractions = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

export function count(value: bigint | number): string {
  return integers.format(value);
}

export function rate(value: number): string {
  return value >= 100 ? integers.format(value) : fractions.format(value);
}

export function bytes(value: bigint | number): string {
  let size = Number(value);
  for (const unit of ['B', 'KB', 'MB', 'GB']) {
    if (size < 1000 || unit === 'GB') return `${fractions.format(size)} ${unit}`;
    size /= 1000;
  }
  return '';
}

// `1 log`, `2 logs`.
export function counted(value: bigint | number, one: string, many = `${one}s`): string {
  return `${count(value)} ${Number(value) === 1 ? one : many}`;
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

// As a sentence: texts of the service begin in lower case and end without a stop in some places. A name at the
// beginning, such as that of a setting, stays as it is.
export function sentence(text: string): string {
  if (!text) return '';
  const stopped = /[.!?…]$/.test(text) ? text : `${text}.`;
  return /^[a-z]+[\s,:]/.test(stopped) ? capital(stopped) : stopped;
}

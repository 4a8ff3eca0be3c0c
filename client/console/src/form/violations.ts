// Where in the form a violation belongs that the service found.
import type { Failure } from '../rpc/failure';
import { leaves } from './leaves';

// By path of the setting. What belongs to none stays in the notice of the failure.
export function violationsByPath(failure: Failure | undefined): Map<string, string> {
  const errors = new Map<string, string>();
  for (const { field, description } of failure?.violations ?? []) {
    const path = field.replace(/^config\./, '').replace(/\[.*$/, '');
    if (leaves.some((leaf) => leaf.path === path)) errors.set(path, [errors.get(path), description].filter(Boolean).join(' '));
  }
  return errors;
}

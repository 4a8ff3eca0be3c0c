// What live checks of the settings found.
import type { Probe } from '../../gen/logexport/v1/config_pb';
import { printable } from '../text/printable';
import { sentence } from '../text/words';
import { ProbeBadge } from './state';
import { Text } from './text';

export function Probes({ probes }: { probes: readonly Probe[] }) {
  if (probes.length === 0) return null;
  return (
    <ul class="plain" aria-label="Live checks">
      {probes.map(({ name, state, message }) => <li key={name}><ProbeBadge state={state} /> <code>{printable(name)}</code> <Text value={sentence(message)} /></li>)}
    </ul>
  );
}

// Buttons that do something: shown to everybody, with the reason where the role does not allow them.
import { type Role, RoleSchema } from '../../gen/logexport/v1/options_pb';
import { forbidden, roleOf } from '../rpc/methods';
import { wordOf } from '../text/words';
import { announce } from './announcer';

export function ActionButton({ method, label, onClick, kind = '', because = '', role, busy = false }: {
  // The RPC that it leads to.
  method: string;
  label: string;
  onClick: () => void;
  kind?: '' | 'primary' | 'danger';
  // Why it cannot be used now, whatever the role.
  because?: string;
  // The role needed, where it is not that of the RPC.
  role?: Role;
  busy?: boolean;
}) {
  const least = role ?? roleOf(method);
  const byRole = forbidden(method, least);
  const reason = byRole || because;
  return (
    <button type="button" class={kind} title={reason} aria-disabled={Boolean(reason) || busy} aria-description={reason || undefined}
      onClick={() => {
        if (reason) announce(reason);
        else if (!busy) onClick();
      }}>
      {label}{byRole && <span class="lock"> · needs {wordOf(RoleSchema, least)}</span>}
    </button>
  );
}

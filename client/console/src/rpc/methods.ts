// What the descriptors say of a method: whether this service has it, and the role it needs.
import { getOption, hasOption, type DescMethod } from '@bufbuild/protobuf';
import { Role, RoleSchema, role } from '../../gen/logexport/v1/options_pb';
import { LogExportService } from '../../gen/logexport/v1/service_pb';
import { wordOf } from '../text/words';
import { caller } from './session';

export function findMethod(name: string): DescMethod | undefined {
  return LogExportService.methods.find((method) => method.name === name);
}

export function roleOf(name: string): Role {
  const method = findMethod(name);
  return method && hasOption(method, role) ? getOption(method, role) : Role.ADMIN;
}

// Why the caller may not use the method; empty if it may.
export function forbidden(name: string, least = roleOf(name)): string {
  const who = caller.value;
  if (who === undefined || who.role >= least) return '';
  return `This needs the role ${wordOf(RoleSchema, least)}; you are ${wordOf(RoleSchema, who.role)}.`;
}

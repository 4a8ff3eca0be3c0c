#include "client/cli/cli.h"

#include <ostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "client/cli/api_schema.h"
#include "client/cli/completion.h"
#include "client/cli/doctor.h"
#include "client/cli/errors.h"
#include "client/cli/help.h"
#include "client/cli/live_values.h"
#include "client/cli/open_console.h"
#include "client/cli/request.h"
#include "client/cli/session.h"

namespace logexport::cli {
namespace {

int UsageError(const CliContext& context, const Command* command, absl::string_view message) {
  // Several mistakes are told one per line.
  const bool several = absl::StrContains(message, '\n');
  context.terminal->err() << context.program << ": "
                          << (several ? "several flags are wrong:\n  " : "")
                          << absl::StrReplaceAll(message, {{"\n", "\n  "}}) << "\n"
                          << "See " << context.program
                          << (command == nullptr ? "" : absl::StrCat(" ", command->name))
                          << " --help.\n";
  return kExitUsage;
}

// What the help text is asked for next to an error: the command, if one can be made out.
const Command* NamedCommand(const Schema& schema, const std::vector<std::string>& args) {
  for (const std::string& arg : args) {
    if (const Command* command = schema.Find(arg)) return command;
  }
  return nullptr;
}

int PrintCompletions(const CliContext& context, const Schema& schema,
                     const std::vector<std::string>& words) {
  const auto candidates =
      Complete(schema, words, context.environment,
               [&](const Command& list, const google::protobuf::FieldDescriptor* field,
                   const Options& options, const std::string& exporter) {
                 return FetchLiveValues(context, schema, list, field, options, exporter);
               });
  for (const Candidate& candidate : candidates) {
    context.terminal->out() << candidate.word << "\t" << candidate.about << "\n";
  }
  return kExitOk;
}

}  // namespace

int RunCli(const CliContext& context, const std::vector<std::string>& args) {
  const auto schema = Schema::Create(context.descriptor_set, context.service);
  if (!schema.ok()) {
    context.terminal->err() << context.program << ": " << schema.status().message() << "\n";
    return kExitLocal;
  }
  if (!args.empty() && args.front() == "__complete") {
    return PrintCompletions(context, **schema, {args.begin() + 1, args.end()});
  }
  if (args.empty()) {
    context.terminal->err() << ProgramHelp(**schema, context.program);
    return kExitUsage;
  }
  auto invocation = ParseCommandLine(**schema, args, context.environment);
  if (!invocation.ok()) {
    return UsageError(context, NamedCommand(**schema, args), invocation.status().message());
  }
  std::ostream& out = context.terminal->out();
  switch (invocation->action) {
    case Invocation::Action::kVersion:
      out << context.program << " " << context.version << "\n";
      return kExitOk;
    case Invocation::Action::kCompletionScript: {
      const auto script = CompletionScript(invocation->shell, context.program);
      if (!script.ok()) return UsageError(context, nullptr, script.status().message());
      out << *script;
      return kExitOk;
    }
    case Invocation::Action::kHelp:
    case Invocation::Action::kBriefHelp:
      out << (invocation->command == nullptr
                  ? ProgramHelp(**schema, context.program)
                  : CommandHelp(*invocation->command, invocation->flags, context.program,
                                invocation->action == Invocation::Action::kBriefHelp));
      return kExitOk;
    case Invocation::Action::kDoctor:
    case Invocation::Action::kOpenConsole:
    case Invocation::Action::kCall:
      break;
  }
  invocation->options.connection.claimed_caller = context.claimed_caller;
  if (invocation->action == Invocation::Action::kDoctor) {
    return RunDoctor(context, **schema, *invocation);
  }
  if (invocation->action == Invocation::Action::kOpenConsole) {
    return RunOpenConsole(context, **schema, *invocation);
  }
  auto request = BuildRequest(**schema, *invocation, RequestContextOf(context), *context.terminal);
  if (!request.ok()) {
    if (request.status().code() == absl::StatusCode::kInvalidArgument) {
      return UsageError(context, invocation->command, request.status().message());
    }
    context.terminal->err() << context.program << ": " << request.status().message() << "\n";
    return kExitLocal;
  }
  return Session(context, **schema, *invocation).Run(*std::move(request));
}

}  // namespace logexport::cli

#include "client/cli/session.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <ostream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "client/cli/answer_printer.h"
#include "client/cli/api_conventions.h"
#include "client/cli/errors.h"
#include "client/cli/follow.h"
#include "client/cli/progress.h"
#include "client/cli/render_json.h"
#include "client/cli/render_table.h"
#include "client/cli/text_table.h"
#include "client/cli/verdict_line.h"
#include "logexport/error_details.h"
#include "logexport/retry.h"
#include "logexport/v1/options.pb.h"
#include "service/base/count_text.h"
#include "service/base/shell_word.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

constexpr absl::Duration kDefaultDeadline = absl::Seconds(30);
constexpr std::int64_t kLargestPage = 500;
constexpr std::int64_t kUsualLimit = 50;
constexpr std::int64_t kFewest = 5;
// The command line, the header, what is said below a list, the next prompt.
constexpr std::int64_t kRowsBesideAList = 9;

const pb::FieldDescriptor* FindField(const pb::Message& message, const char* name,
                                     pb::FieldDescriptor::CppType type) {
  const auto* field = message.GetDescriptor()->FindFieldByName(name);
  return field != nullptr && !field->is_repeated() && field->cpp_type() == type ? field : nullptr;
}

std::string GetString(const pb::Message& message, const char* name) {
  const auto* field = FindField(message, name, pb::FieldDescriptor::CPPTYPE_STRING);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

void SetString(pb::Message& message, const char* name, const std::string& value) {
  const auto* field = FindField(message, name, pb::FieldDescriptor::CPPTYPE_STRING);
  if (field != nullptr) message.GetReflection()->SetString(&message, field, value);
}

// Whether the message sets one of the fields that make a call one to ask about, at any depth.
bool SetsWhatAsks(const pb::Message& message) {
  const pb::Descriptor* type = message.GetDescriptor();
  const auto* resource = UpdateMaskField(type) == nullptr ? ResourceField(type) : nullptr;
  std::vector<const pb::FieldDescriptor*> set;
  message.GetReflection()->ListFields(message, &set);
  return std::any_of(set.begin(), set.end(), [&](const pb::FieldDescriptor* field) {
    if (field->options().GetExtension(v1::asks)) return true;
    // What is only being created has exported nothing yet.
    const bool holds_others = !field->is_repeated() && field != resource &&
                              field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE;
    return holds_others && SetsWhatAsks(message.GetReflection()->GetMessage(message, field));
  });
}

}  // namespace

int Session::Run(BuiltRequest request) {
  Message& message = *request.message;
  if (invocation_.options.print_request) {
    PrintRequest(message);
    return kExitOk;
  }
  if (invocation_.command->writes) {
    for (const std::string& note : request.notes) Note(note);
  }
  if (invocation_.options.verbose) {
    Note(absl::StrCat(invocation_.command->path, " ",
                      ToJson(*MaskSecrets(message), JsonStyle::kRequest)));
  }
  const auto& options = invocation_.options.connection;
  absl::Status refused_options = client::CheckOptions(options);
  auto connection = refused_options.ok()
                        ? context_.connect(options)
                        : absl::StatusOr<std::unique_ptr<client::Connection>>(refused_options);
  if (!connection.ok()) {
    context_.terminal->err() << Wrapped(
        absl::StrCat(context_.program, ": ", connection.status().message(), "\n"));
    return absl::IsInvalidArgument(connection.status()) ? kExitUsage : kExitLocal;
  }
  connection_ = *std::move(connection);
  caller_ = std::make_unique<Caller>(*connection_);
  if (const int refused = Confirm(message); refused != kExitOk) return refused;
  return invocation_.command->method->server_streaming() ? CallStream(message) : CallUnary(message);
}

void Session::PrintRequest(const Message& request) {
  const auto masked = MaskSecrets(request);
  context_.terminal->out() << IndentJson(ToJson(*masked, JsonStyle::kRequest)) << "\n\n"
                           << GrpcurlLine(*invocation_.command, *masked,
                                          invocation_.options.connection)
                           << "\n";
}

int Session::Confirm(const Message& request) {
  Terminal& terminal = *context_.terminal;
  if (invocation_.options.yes) return kExitOk;
  if (!invocation_.command->destructive && !SetsWhatAsks(request)) return kExitOk;
  const auto* validate_only =
      FindField(request, "validate_only", pb::FieldDescriptor::CPPTYPE_BOOL);
  const auto* dry_run = FindField(request, "dry_run", pb::FieldDescriptor::CPPTYPE_BOOL);
  for (const auto* harmless : {validate_only, dry_run}) {
    if (harmless != nullptr && request.GetReflection()->GetBool(request, harmless)) return kExitOk;
  }
  if (!terminal.in_is_tty() || !terminal.err_is_tty()) {
    terminal.err() << context_.program << ": " << invocation_.command->name
                   << " can lose or repeat data, and nobody is there to ask; add --yes to go "
                      "ahead.\n";
    return kExitUsage;
  }
  if (validate_only != nullptr) {
    const std::unique_ptr<Message> trial(request.New());
    trial->CopyFrom(request);
    trial->GetReflection()->SetBool(trial.get(), validate_only, true);
    SetString(*trial, "request_id", "");  // an id stands for one request, and this is another one
    const auto outcome = schema_.New(invocation_.command->method->output_type());
    const grpc::Status status = CallOnce(*trial, *outcome);
    if (!status.ok()) return Fail(status, request);
    TableStyle style = StyleFor(context_);
    style.width = static_cast<std::size_t>(terminal.width());  // of err(), where it is shown
    terminal.err() << "This would be the outcome:\n\n"
                   << RenderTable(*outcome, style).value_or("") << "\n";
  } else {
    // What the call may answer is for those who program it.
    Note(std::vector<std::string>(
        absl::StrSplit(invocation_.command->comment.full, absl::MaxSplits(" Errors: ", 1)))[0]);
  }
  const auto answer = terminal.Ask("Go ahead? [y/N] ", /*secret=*/false);
  const std::string given = answer.ok() ? absl::AsciiStrToLower(*answer) : "";
  if (given == "y" || given == "yes") return kExitOk;
  terminal.err() << "Nothing was done.\n";
  return kExitLocal;
}

int Session::CallUnary(Message& request) {
  const auto response = schema_.New(invocation_.command->method->output_type());
  const grpc::Status status = CallPaged(request, *response);
  if (!status.ok()) return Fail(status, request);
  if (invocation_.options.wait) return FollowStarted(request, *response);
  const int printed = printer_.Print(*response);
  if (printed != kExitOk) return printed;
  if (!invocation_.options.check) return DidSucceed(*response) ? kExitOk : kExitLocal;
  if (const auto verdict = VerdictOf(*response)) return ExitCodeOf(*verdict);
  Note("The service gives no verdict: it is older than this program.");
  return kExitLocal;
}

grpc::Status Session::CallOnce(const Message& request, Message& response) {
  const Command& command = *invocation_.command;
  const bool has_id = !GetString(request, "request_id").empty();
  client::RetryPolicy policy;
  if (command.writes && !has_id) policy.max_attempts = 1;
  return client::CallWithRetry(
      policy, invocation_.options.deadline.value_or(kDefaultDeadline),
      [&](absl::Duration left) { return caller_->Unary(command.path, request, left, response); });
}

grpc::Status Session::CallPaged(Message& request, Message& response) {
  const Paging paging = PagingOf(invocation_.command->method);
  const auto* r = request.GetReflection();
  const bool by_hand = paging && (r->GetInt32(request, paging.page_size) != 0 ||
                                  !r->GetString(request, paging.page_token).empty());
  if (!paging || by_hand) return CallOnce(request, response);

  const std::int64_t limit = invocation_.options.limit.value_or(DefaultLimit());
  const auto page = schema_.New(invocation_.command->method->output_type());
  for (std::int64_t have = 0;;) {
    const std::int64_t wanted = limit == 0 ? kLargestPage : std::min(limit - have, kLargestPage);
    r->SetInt32(&request, paging.page_size, static_cast<std::int32_t>(wanted));
    page->Clear();
    grpc::Status status = CallOnce(request, *page);
    if (!status.ok()) return status;
    const auto* p = page->GetReflection();
    const std::string next = p->GetString(*page, paging.next_page_token);
    if (have == 0) {
      response.CopyFrom(*page);
    } else {
      for (int i = 0; i < p->FieldSize(*page, paging.items); ++i) {
        p->AddMessage(&response, paging.items)
            ->CopyFrom(p->GetRepeatedMessage(*page, paging.items, i));
      }
      p->SetString(&response, paging.next_page_token, next);
    }
    have = p->FieldSize(response, paging.items);
    if (next.empty() || (limit != 0 && have >= limit)) break;
    r->SetString(&request, paging.page_token, next);
  }
  NoteRest(response);
  return grpc::Status::OK;
}

// On a screen, what fits it: the rest would push the newest items out of sight.
std::int64_t Session::DefaultLimit() const {
  const bool on_screen =
      invocation_.options.output == OutputFormat::kTable && context_.terminal->out_is_tty();
  if (!on_screen) return kUsualLimit;
  return std::clamp<std::int64_t>(context_.terminal->height() - kRowsBesideAList, kFewest,
                                  kUsualLimit);
}

void Session::NoteRest(const Message& response) {
  const Paging paging = PagingOf(invocation_.command->method);
  const auto* r = response.GetReflection();
  if (r->GetString(response, paging.next_page_token).empty()) return;
  const auto shown = CountText(r->FieldSize(response, paging.items));
  const auto* total = FindField(response, "total_size", pb::FieldDescriptor::CPPTYPE_INT64);
  const auto* bound =
      FindField(response, "total_size_is_lower_bound", pb::FieldDescriptor::CPPTYPE_BOOL);
  std::string of;
  if (total != nullptr && r->GetInt64(response, total) > 0) {
    const bool at_least = bound != nullptr && r->GetBool(response, bound);
    of =
        absl::StrCat(" of ", at_least ? "more than " : "", CountText(r->GetInt64(response, total)));
  }
  Note(absl::StrCat(shown, of, " shown; --limit N shows more, --limit 0 all."));
}

int Session::CallStream(const Message& request) {
  const Command& command = *invocation_.command;
  if (StreamsRun(command.method)) {
    return Follow(command, request, invocation_.options.output != OutputFormat::kTable);
  }
  Terminal& terminal = *context_.terminal;
  const auto message = schema_.New(command.method->output_type());
  terminal.CatchInterrupts(true);
  int printed = kExitOk;
  const grpc::Status status = caller_->Stream(
      command.path, request, invocation_.options.deadline.value_or(absl::InfiniteDuration()),
      *message,
      [&] {
        printed = printer_.PrintDocument(*message);
        return printed == kExitOk;
      },
      [&] { return !terminal.interrupted(); });
  const bool interrupted = terminal.interrupted();
  terminal.CatchInterrupts(false);
  if (interrupted) return kExitDetached;
  return status.ok() ? printed : Fail(status, request);
}

int Session::FollowStarted(const Message& request, const Message& response) {
  const auto* run_field = FindField(response, "run", pb::FieldDescriptor::CPPTYPE_MESSAGE);
  if (run_field == nullptr || !response.GetReflection()->HasField(response, run_field)) {
    Note("No run was started, so there is nothing to wait for.");
    return printer_.Print(response);
  }
  const Command* watch = schema_.Find(invocation_.command->followed_by);
  const Message& run = response.GetReflection()->GetMessage(response, run_field);
  const auto watch_request = schema_.New(watch->method->input_type());
  const std::string exporter = GetString(run, "exporter");
  SetString(*watch_request, "exporter",
            exporter.empty() ? GetString(request, "exporter") : exporter);
  SetString(*watch_request, "run_id", GetString(run, "run_id"));
  Note(absl::StrCat("Following run ", GetString(run, "run_id"), "; Ctrl-C does not stop it."));
  return Follow(*watch, *watch_request, /*print_updates=*/false);
}

int Session::Follow(const Command& command, const Message& request, bool print_updates) {
  ProgressView progress(*context_.terminal);
  const Followed followed =
      FollowRun(context_, *caller_, schema_, command, request,
                invocation_.options.deadline.value_or(absl::InfiniteDuration()),
                [&](const Message& message, const v1::WatchRunResponse& update) {
                  if (print_updates) {
                    printer_.PrintDocument(message);
                  } else {
                    progress.Show(update, context_.now());
                  }
                });
  progress.Clear();
  const v1::Report& report = followed.last.report();
  const std::string run_id =
      report.run_id().empty() ? GetString(request, "run_id") : report.run_id();
  const auto note_goes_on = [&](absl::string_view before) {
    Note(absl::StrCat(before, run_id.empty() ? "The run" : absl::StrCat("Run ", run_id),
                      " goes on. Follow it with:"));
    // Not wrapped, to be copied.
    context_.terminal->err() << "  " << WatchLine(command, GetString(request, "exporter"), run_id)
                             << std::endl;
  };
  switch (followed.end) {
    case Followed::End::kDetached:
      note_goes_on("");
      return kExitDetached;
    case Followed::End::kTimedOut:
      note_goes_on("Waited long enough. ");
      return kExitTimedOut;
    case Followed::End::kFailed: {
      const int code = Fail(followed.status, request);
      if (followed.last.has_report()) note_goes_on("");
      return code;
    }
    case Followed::End::kFinished:
      break;
  }
  if (!print_updates) {
    const int printed = printer_.Print(report);
    if (printed != kExitOk) return printed;
  }
  return ExitCodeOf(report);
}

int Session::Fail(const grpc::Status& status, const Message& request) {
  std::ostream& err = context_.terminal->err();
  if (invocation_.options.output == OutputFormat::kTable) {
    std::string advice;
    const bool unreachable = status.error_code() == grpc::StatusCode::UNAVAILABLE &&
                             client::DetailsOf(status).reason.empty();
    if (unreachable && context_.diagnose) {
      advice = context_.diagnose(invocation_.options.connection).advice;
    }
    err << Wrapped(DescribeFailure(status, invocation_, request, context_.program, advice));
  } else {
    err << FailureAsJson(status, invocation_) << "\n";
  }
  return kExitRpc + static_cast<int>(status.error_code());
}

std::string Session::Wrapped(const std::string& text) const {
  const Terminal& terminal = *context_.terminal;
  return terminal.err_is_tty() ? WrapLines(text, static_cast<std::size_t>(terminal.width())) : text;
}

void Session::Note(const std::string& text) {
  context_.terminal->err() << Wrapped(text) << std::endl;
}

std::string Session::WatchLine(const Command& command, const std::string& exporter,
                               const std::string& run_id) const {
  std::string line = absl::StrCat(context_.program, " ", command.name, run_id.empty() ? "" : " ",
                                  ShellWord(run_id));
  if (run_id.empty()) line = absl::StrCat(context_.program, " ", command.name);
  if (!exporter.empty() && exporter != "default") {
    absl::StrAppend(&line, " --exporter ", ShellWord(exporter));
  }
  const std::string& server = invocation_.options.connection.server;
  if (server != client::ConnectionOptions().server) {
    absl::StrAppend(&line, " --server ", ShellWord(server));
  }
  return line;
}

}  // namespace logexport::cli

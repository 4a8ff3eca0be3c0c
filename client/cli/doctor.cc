#include "client/cli/doctor.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "client/cli/answer_printer.h"
#include "client/cli/errors.h"
#include "client/cli/rpc_call.h"
#include "client/cli/text_table.h"
#include "client/cli/time_input.h"
#include "client/cli/verdict_line.h"
#include "logexport/v1/configuration.pb.h"
#include "logexport/v1/requester.pb.h"
#include "logexport/v1/status.pb.h"

namespace logexport::cli {
namespace {

using Finding = client::Diagnosis::Finding;

constexpr absl::Duration kDeadline = absl::Seconds(10);
constexpr absl::Duration kProbeDeadline = absl::Seconds(60);
constexpr absl::Duration kMostClockSkew = absl::Seconds(5);

// One examination: what was looked at so far, in the form in which the service tells of its own
// checks.
class Examination {
 public:
  Examination(const CliContext& context, const Schema& schema, const Invocation& invocation)
      : context_(context), schema_(schema), invocation_(invocation) {}

  void Examine() {
    if (!ReachService() || !CheckCaller()) return;
    CheckStatus();
    ProbeSettings();
  }

  const v1::ProbeExporterResponse& found() const { return found_; }
  int exit_code() const { return exit_code_; }

 private:
  void Add(absl::string_view name, v1::ProbeState state, std::string message) {
    v1::Probe* probe = found_.add_probes();
    probe->set_name(std::string(name));
    probe->set_state(state);
    probe->set_message(std::move(message));
    if (state == v1::PROBE_STATE_FAILED) exit_code_ = kExitFailing;
    if (state == v1::PROBE_STATE_WARNING) exit_code_ = std::max(exit_code_, kExitAttention);
  }

  bool ReachService() {
    const client::ConnectionOptions& options = invocation_.options.connection;
    if (const absl::Status status = client::CheckOptions(options); !status.ok()) {
      Add("address", v1::PROBE_STATE_FAILED, std::string(status.message()));
      return false;
    }
    Add("address", v1::PROBE_STATE_PASSED,
        absl::StrCat(options.server,
                     client::IsLoopback(options.server) ? ", on this machine" : ""));
    if (!CheckConnection(options)) return false;
    auto connection = context_.connect(options);
    if (!connection.ok()) {
      Add("credentials", v1::PROBE_STATE_FAILED, std::string(connection.status().message()));
      return false;
    }
    connection_ = *std::move(connection);
    caller_ = std::make_unique<Caller>(*connection_);
    return true;
  }

  bool CheckConnection(const client::ConnectionOptions& options) {
    const bool plaintext = client::UsesPlaintext(options);
    if (context_.diagnose) {
      const client::Diagnosis diagnosis = context_.diagnose(options);
      const bool answers = diagnosis.finding == Finding::kSpeaksPlaintext ||
                           diagnosis.finding == Finding::kSpeaksTls;
      if (!answers || !diagnosis.advice.empty()) {
        Add("connection", v1::PROBE_STATE_FAILED,
            diagnosis.advice.empty() ? "the service cannot be reached" : diagnosis.advice);
        return false;
      }
    }
    Add("connection", v1::PROBE_STATE_PASSED,
        plaintext ? "made, without TLS as is usual on one machine" : "made, with TLS");
    return true;
  }

  grpc::Status Call(absl::string_view command, const google::protobuf::Message& request,
                    google::protobuf::Message& response, absl::Duration deadline) {
    const Command* found = schema_.Find(command);
    if (found == nullptr) return {grpc::StatusCode::UNIMPLEMENTED, "this program has no such call"};
    return caller_->Unary(found->path, request, invocation_.options.deadline.value_or(deadline),
                          response);
  }

  static std::string Describe(const grpc::Status& status) {
    if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
      return "the service is older than this program and cannot tell";
    }
    return absl::StrCat(Printable(status.error_message()), " [",
                        StatusCodeName(status.error_code()), "]");
  }

  bool CheckCaller() {
    v1::GetCallerResponse caller;
    const grpc::Status status = Call("get-caller", v1::GetCallerRequest(), caller);
    if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
      Add("version", v1::PROBE_STATE_WARNING, Describe(status));
      return true;
    }
    if (!status.ok()) {
      Add(status.error_code() == grpc::StatusCode::UNAVAILABLE ? "connection" : "identity",
          v1::PROBE_STATE_FAILED, absl::StrCat(Describe(status), HintFor(status)));
      return false;
    }
    const bool same = caller.service_version() == context_.version;
    Add("version", same ? v1::PROBE_STATE_PASSED : v1::PROBE_STATE_WARNING,
        same ? absl::StrCat("service and program are ", context_.version)
             : absl::StrCat("the service is ", caller.service_version(), ", this program ",
                            context_.version, "; use one version of both"));
    CheckClock(caller);
    role_ = caller.role();
    Add("identity", v1::PROBE_STATE_PASSED,
        absl::StrCat(Printable(caller.caller().name()),
                     caller.caller().verified() ? ", verified" : ", not verified", ", role ",
                     absl::AsciiStrToLower(absl::StripPrefix(v1::Role_Name(role_), "ROLE_"))));
    return true;
  }

  void CheckClock(const v1::GetCallerResponse& caller) {
    if (!caller.has_service_time()) return;
    const absl::Time service = absl::FromUnixSeconds(caller.service_time().seconds()) +
                               absl::Nanoseconds(caller.service_time().nanos());
    const absl::Duration skew = service - context_.now();
    const bool near = absl::AbsDuration(skew) <= kMostClockSkew;
    Add("clock", near ? v1::PROBE_STATE_PASSED : v1::PROBE_STATE_WARNING,
        near ? "service and this machine agree"
             : absl::StrCat("the service's clock is ", FormatRoughDuration(absl::AbsDuration(skew)),
                            skew > absl::ZeroDuration() ? " ahead of" : " behind",
                            " this machine's; set both by a time server"));
  }

  static std::string HintFor(const grpc::Status& status) {
    if (status.error_code() != grpc::StatusCode::UNAUTHENTICATED) return "";
    return "; --token-file names the file with the token, --tls-cert and --tls-key the certificate";
  }

  void CheckStatus() {
    v1::GetStatusRequest request;
    request.set_exporter(invocation_.exporter);
    v1::GetStatusResponse status;
    const grpc::Status result = Call("get-status", request, status);
    if (!result.ok()) {
      Add("status", v1::PROBE_STATE_FAILED, Describe(result));
      return;
    }
    const std::optional<v1::Verdict> verdict = VerdictOf(status);
    if (!verdict.has_value()) return;
    v1::ProbeState state = v1::PROBE_STATE_PASSED;
    if (ExitCodeOf(*verdict) == kExitAttention) state = v1::PROBE_STATE_WARNING;
    if (ExitCodeOf(*verdict) == kExitFailing) state = v1::PROBE_STATE_FAILED;
    Add("status", state, VerdictLine(*verdict));
  }

  void ProbeSettings() {
    if (role_ != v1::ROLE_OPERATOR && role_ != v1::ROLE_ADMIN) {
      Add("settings", v1::PROBE_STATE_SKIPPED, "trying them live needs the role operator");
      return;
    }
    v1::ProbeExporterRequest request;
    request.set_exporter(invocation_.exporter);
    request.set_notify(invocation_.notify);
    v1::ProbeExporterResponse probed;
    const grpc::Status status = Call("probe-exporter", request, probed, kProbeDeadline);
    if (!status.ok()) {
      Add("settings", v1::PROBE_STATE_FAILED, Describe(status));
      return;
    }
    for (v1::Probe& probe : *probed.mutable_probes()) {
      // The service warns of what nobody can check from outside; that is nothing to attend to.
      if (probe.state() == v1::PROBE_STATE_FAILED) exit_code_ = kExitFailing;
      *found_.add_probes() = std::move(probe);
    }
  }

  grpc::Status Call(absl::string_view command, const google::protobuf::Message& request,
                    google::protobuf::Message& response) {
    return Call(command, request, response, kDeadline);
  }

  const CliContext& context_;
  const Schema& schema_;
  const Invocation& invocation_;
  std::unique_ptr<client::Connection> connection_;
  std::unique_ptr<Caller> caller_;
  v1::Role role_ = v1::ROLE_UNSPECIFIED;
  v1::ProbeExporterResponse found_;
  int exit_code_ = kExitOk;
};

std::string AsTable(const v1::ProbeExporterResponse& found, const TableStyle& style) {
  std::vector<TextColumn> columns(3);
  columns[0].header = "CHECK";
  columns[1].header = "STATE";
  columns[2].header = "FOUND";
  for (const v1::Probe& probe : found.probes()) {
    columns[0].cells.push_back(probe.name());
    columns[1].cells.push_back(absl::AsciiStrToLower(
        absl::StripPrefix(v1::ProbeState_Name(probe.state()), "PROBE_STATE_")));
    columns[2].cells.push_back(Printable(probe.message()));
  }
  return LayOutTable(std::move(columns), style.width, 0, LongProse::kWrap);
}

}  // namespace

int RunDoctor(const CliContext& context, const Schema& schema, const Invocation& invocation) {
  Examination examination(context, schema, invocation);
  examination.Examine();
  if (invocation.options.output == OutputFormat::kTable) {
    context.terminal->out() << AsTable(examination.found(), StyleFor(context)) << std::flush;
  } else {
    const int printed = AnswerPrinter(context, invocation).Print(examination.found());
    if (printed != kExitOk) return printed;
  }
  return examination.exit_code();
}

}  // namespace logexport::cli

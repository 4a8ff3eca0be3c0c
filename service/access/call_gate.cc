#include "service/access/call_gate.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "service/access/caller_address.h"
#include "service/access/request_texts.h"
#include "service/access/roles.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/control/api_error.h"

namespace logexport {
namespace {

// For clients that set no deadline.
constexpr absl::Duration kLongestCall = absl::Seconds(60);

// How the end of a call stands in the log. What was refused is there at the default level, because
// the answer points to the log by its request id.
struct Outcome {
  LogLevel level = LogLevel::kDebug;
  absl::string_view message = "call was answered";
};
Outcome OutcomeOf(const absl::Status& status, const ApiError& error) {
  if (status.ok()) return {};
  if (error.reason == "INTERNAL") return {LogLevel::kError, "call failed by a defect"};
  if (error.reason == "CALL_CANCELLED")
    return {LogLevel::kDebug, "call was given up by its caller"};
  return {LogLevel::kInfo, "call was refused"};
}

}  // namespace

absl::Status RequestTooLarge(std::optional<std::size_t> bytes) {
  ApiError error;
  error.code = absl::StatusCode::kResourceExhausted;
  error.reason = "REQUEST_TOO_LARGE";
  error.message = absl::StrCat(
      "the request has ",
      bytes.has_value() ? absl::StrCat(*bytes, " bytes; at most ") : absl::StrCat("more than "),
      kLargestRequest, bytes.has_value() ? " are accepted" : " bytes",
      ": send it in smaller parts");
  if (bytes.has_value()) error.metadata["bytes"] = absl::StrCat(*bytes);
  error.metadata["limit"] = absl::StrCat(kLargestRequest);
  return MakeApiError(error);
}

absl::Status CheckRequestSize(std::size_t bytes) {
  return bytes <= kLargestRequest ? absl::OkStatus() : RequestTooLarge(bytes);
}

absl::Status RequestUnreadable() {
  ApiError error;
  error.code = absl::StatusCode::kInvalidArgument;
  error.reason = "INVALID_FIELD";
  error.message = "the request is missing, or its bytes are not a message of this method";
  return MakeApiError(error);
}

namespace {

bool FlagOf(const google::protobuf::Message& request, const char* name, bool fallback) {
  const google::protobuf::FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? fallback : request.GetReflection()->GetBool(request, field);
}

}  // namespace

absl::Status CallGate::Take(const google::protobuf::Message& request, Taken* taken) {
  RETURN_IF_ERROR(CheckRequestSize(request.ByteSizeLong()));
  RETURN_IF_ERROR(CheckTexts(request));
  taken->call = AuditedCallOf(request);
  taken->harmless =
      FlagOf(request, "validate_only", false) || !FlagOf(request, "include_log", true);
  return absl::OkStatus();
}

void CallGate::RecordRefusal(const IncomingCall& incoming, const Call& call, const Taken& taken,
                             const ApiError& error, bool worth_a_line) {
  if (refused_ == nullptr || taken.harmless) return;
  // Who tries what he may not is told whatever it is.
  const bool kept_out = error.code == absl::StatusCode::kUnauthenticated ||
                        error.code == absl::StatusCode::kPermissionDenied;
  if (!kept_out && !IsAudited(incoming.method)) return;
  // Guesses come in any number, and so do calls beyond a limit: those that are logged are recorded.
  if (!worth_a_line) return;
  AuditedCall about = taken.call;
  about.method = std::string(incoming.method);
  refused_->Record(call.caller.verified ? call.caller.name : HostOfAddress(incoming.address),
                   call.caller, about, error);
}

v1::CallerLoad CallGate::Load() const {
  constexpr std::size_t kMostShown = 20;
  std::vector<CallerLoad> loads = limits_.Loads();
  std::stable_sort(loads.begin(), loads.end(), [](const CallerLoad& a, const CallerLoad& b) {
    return a.open_calls > b.open_calls;
  });
  if (loads.size() > kMostShown) loads.resize(kMostShown);
  v1::CallerLoad shown;
  for (const CallerLoad& load : loads) {
    v1::CallerUse* use = shown.add_callers();
    use->set_caller(load.caller);
    use->set_open_calls(load.open_calls);
    use->set_open_watches(load.open_streams);
    use->set_refused_calls(load.refused);
  }
  shown.set_calls_per_second_limit(static_cast<std::int32_t>(limit_options_.calls_per_second));
  shown.set_open_calls_limit(limit_options_.open_calls);
  shown.set_open_watches_limit(limit_options_.open_streams);
  shown.set_failed_logins(failed_logins_.failures());
  return shown;
}

absl::StatusOr<Identity> CallGate::Identify(const IncomingCall& incoming, bool* worth_a_line) {
  if (absl::Status slow = failed_logins_.Check(incoming); !slow.ok()) {
    *worth_a_line = false;
    return slow;
  }
  absl::StatusOr<Identity> identity = authenticator_.Identify(incoming);
  if (identity.ok()) {
    failed_logins_.Succeeded(incoming);
  } else {
    *worth_a_line = failed_logins_.Failed(incoming);
  }
  return identity;
}

absl::Status CallGate::Admit(const IncomingCall& incoming, Call* call, CallerLimits::Place* place,
                             bool* worth_a_line) {
  ASSIGN_OR_RETURN(Identity identity, Identify(incoming, worth_a_line));
  call->caller.name = std::move(identity.caller.name);
  call->caller.verified = identity.caller.verified;
  call->role = identity.role;
  call->caller.role = RoleName(identity.role);
  call->credential = std::move(identity.credential);
  call->by_login = identity.by_login;
  absl::StatusOr<CallerLimits::Place> entered =
      limits_.Enter(call->caller, incoming.address, AnswersAStream(incoming.method));
  if (!entered.ok()) {
    // The limits log the first of a caller in a minute.
    *worth_a_line = false;
    return entered.status();
  }
  *place = *std::move(entered);
  RETURN_IF_ERROR(RequireRole(call->role, RoleNeededFor(incoming.method), incoming.method));
  if (stop_.stop_requested()) return ShuttingDown();
  return CheckStillWanted(incoming);
}

CallOutcome CallGate::Pass(const IncomingCall& incoming,
                           absl::FunctionRef<absl::Status(const Call&)> body) {
  const absl::Duration begun = clock_.Monotonic();
  const absl::Time begun_at = clock_.Now();
  const LogTrace trace = observer_ == nullptr ? LogTrace() : observer_->CallBegins(incoming);
  const LogScope scope(trace);
  Call call;
  call.request_id = NewTimeOrderedId(clock_.Now(), random_);
  const absl::Duration allowed = incoming.deadline - absl::Now();
  call.limits = {begun + std::clamp(allowed, absl::ZeroDuration(), kLongestCall),
                 stop_.get_token()};
  call.recheck = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const Identity identity, authenticator_.Identify(incoming));
    return RequireRole(identity.role, RoleNeededFor(incoming.method), incoming.method);
  };
  call.caller.address = incoming.address;
  call.caller.way = std::string(incoming.way);
  call.caller.call_id = call.request_id;
  Taken taken;
  call.take = [&taken](const google::protobuf::Message& request) { return Take(request, &taken); };
  CallerLimits::Place place;
  bool worth_a_line = true;
  absl::Status status = Admit(incoming, &call, &place, &worth_a_line);
  if (status.ok()) {
    // Nothing of ours throws; a library that does must not take the process down.
    try {
      status = body(call);
    } catch (const std::exception& e) {
      status = absl::InternalError(absl::StrCat("unexpected exception: ", e.what()));
    }
  }
  const ApiError error = status.ok() ? ApiError() : ApiErrorOf(status);
  if (!status.ok()) RecordRefusal(incoming, call, taken, error, worth_a_line);
  const Outcome outcome = OutcomeOf(status, error);
  const absl::Duration took = clock_.Monotonic() - begun;
  if (observer_ != nullptr) {
    observer_->CallEnded(incoming, trace,
                         {status.ok() ? status.code() : error.code, error.reason, error.message,
                          call.request_id, begun_at, took});
  }
  WriteLog(worth_a_line ? outcome.level : LogLevel::kDebug, outcome.message,
           {{"request_id", call.request_id},
            {"method", incoming.method},
            {"caller", call.caller.name},
            {"address", incoming.address},
            {"way", incoming.way},
            {"status", absl::StatusCodeToString(status.ok() ? status.code() : error.code)},
            {"reason", error.reason},
            {"error", error.message},
            {"duration", took}});
  return {std::move(status), call.request_id};
}

}  // namespace logexport

#ifndef LOGEXPORT_TESTS_AUTH0_TENANT_H_
#define LOGEXPORT_TESTS_AUTH0_TENANT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include <gmock/gmock.h>

#include "service/export/failure.h"
#include "service/export/log.h"
#include "service/export/settings.h"
#include "tests/support/scripted_transport.h"

namespace logexport {

// Settings of a tenant at https://tenant.example.com.
Auth0Settings TenantSettings();

// A log with this id and, unless empty, this date; `more` is added to its members.
std::string LogJson(absl::string_view id, absl::string_view date = "", absl::string_view more = "");

// An id of the present-day shape: ingested at `time`, told apart by `number`.
std::string IdAt(absl::Time time, int number = 0);

std::string JsonArray(const std::vector<std::string>& elements);

std::vector<std::string> IdsOf(const Page& page);

// The Date header of an answer made at `time`.
HttpHeader DateHeader(absl::Time time);

// Lets the token endpoint answer with tokens "token-1", "token-2", … for ever.
void GrantTokens(ScriptedTransport* http);

// The requests whose URL contains `part`.
std::vector<RecordedRequest> RequestsTo(const ScriptedTransport& http, absl::string_view part);

// The value of a query parameter, percent-decoded, or "(none)".
std::string QueryParameter(absl::string_view url, absl::string_view name);

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// Matches a status, or the status of a result, by the failure of Auth0's that it carries.
MATCHER_P2(IsFailure, kind, reason, "") {
  const Failure failure = FailureOf(StatusOf(arg));
  *result_listener << "a failure of kind " << static_cast<int>(failure.kind) << " with reason "
                   << FailureReasonName(failure.reason) << ", message: " << failure.message
                   << ", action: " << failure.action;
  return !StatusOf(arg).ok() && failure.origin == Origin::kAuth0 && failure.kind == kind &&
         failure.reason == reason;
}

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_AUTH0_TENANT_H_

#ifndef LOGEXPORT_SERVICE_AUTH0_FAILURES_H_
#define LOGEXPORT_SERVICE_AUTH0_FAILURES_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/export/failure.h"
#include "service/http/transport.h"

namespace logexport {

// What went wrong between Auth0 and us, as Failures (see export/failure.h). The sources are Auth0's
// Management API reference and its "Rate Limit Policy".

absl::Status Auth0Failure(FailureClass kind, FailureReason reason, absl::string_view message,
                          absl::string_view action,
                          std::optional<absl::Duration> retry_after = std::nullopt);

// What of an error body is said on. Auth0 likes to repeat what it was asked for, so of answers
// about users only the codes are: messages go where nobody's id may go.
enum class Quote { kWords, kCodes };

// No response arrived to `call` ("GET /api/v2/logs"); `error` is the transport's.
absl::Status NoResponse(absl::string_view call, const absl::Status& error);

// The token endpoint answered with something other than a token. `wait` is how long the response
// asks to wait, if it does.
absl::Status TokenFailure(const HttpResponse& response, std::optional<absl::Duration> wait);

// The Management API refused `call` for a reason that has nothing to do with what was asked for
// (401, 403, 408, 425, 429, 3xx, 5xx, and what is neither 200 nor one of IsAboutTheRequest).
// `scope` is the permission that the call needs.
absl::Status CallFailure(absl::string_view call, absl::string_view scope,
                         const HttpResponse& response, std::optional<absl::Duration> wait,
                         Quote quote = Quote::kWords);

// Whether the status says that something is wrong with what was asked for, so that only the caller
// knows what it means: 400, 404, 413, 414, 422.
bool IsAboutTheRequest(int status);

// Auth0 answered `call` with a status that was hoped for and something else in the body;
// `problem` completes "Auth0 answered something that …". The body, `body_size` long, may have been
// moved out of `response` already.
absl::Status UnexpectedAnswer(absl::string_view call, const HttpResponse& response,
                              std::size_t body_size, absl::string_view problem);

// For messages: the status, and what Auth0's error body says, when it has the form Auth0 documents;
// at most some 200 characters.
std::string DescribeError(const HttpResponse& response, Quote quote = Quote::kWords);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_FAILURES_H_

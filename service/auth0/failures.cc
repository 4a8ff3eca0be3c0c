#include "service/auth0/failures.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/base/shown_text.h"
#include "service/base/utf8.h"
#include "service/json/json_value.h"

namespace logexport {
namespace {

constexpr std::size_t kLongestQuote = 200;
constexpr std::size_t kLongestCode = 40;

constexpr char kCheckHostAction[] =
    "Check AUTH0_DOMAIN (auth0.domain, auth0.base_url) and whether a proxy or firewall answers in "
    "Auth0's place.";
constexpr char kWaitAction[] =
    "Nothing, if it passes by itself; otherwise see status.auth0.com and the connection to Auth0.";

// The words of an error body: {error, error_description} from the token endpoint,
// {statusCode, error, message, errorCode} from the Management API. Empty when it has another form.
struct ErrorWords {
  std::string error;
  std::string description;
  std::string code;
};

ErrorWords WordsOf(const HttpResponse& response) {
  ErrorWords words;
  const absl::StatusOr<JsonValue> body = JsonValue::Parse(response.body);
  if (!body.ok()) return words;
  words.error = (*body)["error"].ScalarText();
  words.description = (*body)["message"].ScalarText();
  if (words.description.empty()) words.description = (*body)["error_description"].ScalarText();
  words.code = (*body)["errorCode"].ScalarText();
  return words;
}

// "Bad Request", "invalid_query_string": a few words in which no user can be named.
bool IsCode(absl::string_view text) {
  return !text.empty() && text.size() <= kLongestCode &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_' || c == ' ';
         });
}

// Auth0 reports its limits also with other statuses than 429; a 500 "Global limit has been reached"
// has been seen on the token endpoint.
bool TellsOfLimit(const HttpResponse& response) {
  if (response.status == 429) return true;
  if (response.status < 400) return false;
  const ErrorWords words = WordsOf(response);
  const std::string description = absl::AsciiStrToLower(words.description);
  return words.error == "too_many_requests" ||
         absl::StrContains(description, "limit has been reached") ||
         absl::StrContains(description, "quota exceeded");
}

absl::Status Limited(absl::string_view call, const HttpResponse& response,
                     std::optional<absl::Duration> wait, Quote quote = Quote::kWords) {
  return Auth0Failure(
      FailureClass::kLimited, FailureReason::kAuth0RateLimited,
      absl::StrCat("Auth0's rate limit is used up: ", call, " was answered with ",
                   DescribeError(response, quote)),
      "Nothing; reading goes on when the limit allows. If it happens often, look for other heavy "
      "users of the tenant's Management API.",
      wait);
}

bool IsTransient(int status) { return status >= 500 || status == 408 || status == 425; }

absl::Status Unavailable(absl::string_view call, const HttpResponse& response,
                         std::optional<absl::Duration> wait, Quote quote = Quote::kWords) {
  return Auth0Failure(
      FailureClass::kTransient, FailureReason::kAuth0Unavailable,
      absl::StrCat("Auth0 answered ", call, " with ", DescribeError(response, quote)), kWaitAction,
      wait);
}

absl::Status Unexpected(absl::string_view call, const HttpResponse& response,
                        Quote quote = Quote::kWords) {
  return Auth0Failure(
      FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse,
      absl::StrCat("Auth0 answered ", call, " with ", DescribeError(response, quote)),
      kCheckHostAction);
}

}  // namespace

absl::Status Auth0Failure(FailureClass kind, FailureReason reason, absl::string_view message,
                          absl::string_view action, std::optional<absl::Duration> retry_after) {
  Failure failure;
  failure.origin = Origin::kAuth0;
  failure.kind = kind;
  failure.reason = reason;
  failure.message = std::string(message);
  failure.action = std::string(action);
  failure.retry_after = retry_after;
  return MakeFailure(failure);
}

absl::Status NoResponse(absl::string_view call, const absl::Status& error) {
  const std::string message = absl::StrCat(call, " failed: ", error.message());
  switch (error.code()) {
    case absl::StatusCode::kCancelled:
      return Auth0Failure(FailureClass::kStopped, FailureReason::kStopped, message, "");
    case absl::StatusCode::kFailedPrecondition:
      return Auth0Failure(FailureClass::kPermanent, FailureReason::kAuth0Unavailable, message,
                          "Check AUTH0_DOMAIN; if a proxy inspects TLS, give its authority to "
                          "the service with --ca-file.");
    case absl::StatusCode::kInvalidArgument:
      return Auth0Failure(FailureClass::kPermanent, FailureReason::kAuth0Unavailable, message,
                          "Correct AUTH0_DOMAIN or AUTH0_BASE_URL (auth0.domain, "
                          "auth0.base_url).");
    case absl::StatusCode::kResourceExhausted:
      return Auth0Failure(FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse,
                          message, kCheckHostAction);
    default:
      return Auth0Failure(FailureClass::kTransient, FailureReason::kAuth0Unavailable, message,
                          kWaitAction);
  }
}

absl::Status TokenFailure(const HttpResponse& response, std::optional<absl::Duration> wait) {
  constexpr char kCall[] = "POST /oauth/token";
  if (TellsOfLimit(response)) return Limited(kCall, response, wait);
  if (IsTransient(response.status)) return Unavailable(kCall, response, wait);
  switch (response.status) {
    case 401:
      return Auth0Failure(
          FailureClass::kPermanent, FailureReason::kAuth0CredentialsRejected,
          absl::StrCat("Auth0 refused the client credentials: ", DescribeError(response)),
          "Check AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET (auth0.client_id, "
          "auth0.client_secret) against the application in Auth0.");
    case 400:
    case 403:
      return Auth0Failure(
          FailureClass::kPermanent, FailureReason::kAuth0Forbidden,
          absl::StrCat("Auth0 gave no token for the Management API: ", DescribeError(response)),
          "Authorise the machine-to-machine application for the Auth0 Management API with the "
          "scope read:logs (its grant type is client_credentials), and check AUTH0_AUDIENCE "
          "(auth0.audience): with a custom domain it stays https://TENANT.auth0.com/api/v2/.");
    case 404:
      return Auth0Failure(
          FailureClass::kPermanent, FailureReason::kAuth0Forbidden,
          absl::StrCat("There is no Auth0 tenant at this address: POST /oauth/token was answered "
                       "with ",
                       DescribeError(response)),
          kCheckHostAction);
    default:
      return Unexpected(kCall, response);
  }
}

absl::Status CallFailure(absl::string_view call, absl::string_view scope,
                         const HttpResponse& response, std::optional<absl::Duration> wait,
                         Quote quote) {
  if (TellsOfLimit(response)) return Limited(call, response, wait, quote);
  if (IsTransient(response.status)) return Unavailable(call, response, wait, quote);
  switch (response.status) {
    case 401:
      return Auth0Failure(
          FailureClass::kPermanent, FailureReason::kAuth0CredentialsRejected,
          absl::StrCat("Auth0 refused a token that it had just given, on ", call, ": ",
                       DescribeError(response, quote)),
          "Check AUTH0_AUDIENCE (auth0.audience) and that token and API are asked of the same "
          "host (auth0.base_url).");
    case 403:
      return Auth0Failure(
          FailureClass::kPermanent, FailureReason::kAuth0Forbidden,
          absl::StrCat("Auth0 does not allow ", call, ": ", DescribeError(response, quote)),
          absl::StrCat("Grant the application the scope ", scope, " of the Auth0 Management API."));
    default:
      return Unexpected(call, response, quote);
  }
}

bool IsAboutTheRequest(int status) {
  return status == 400 || status == 404 || status == 413 || status == 414 || status == 422;
}

absl::Status UnexpectedAnswer(absl::string_view call, const HttpResponse& response,
                              std::size_t body_size, absl::string_view problem) {
  const std::string type = BlankHidden(ReplaceInvalidUtf8(response.Header("Content-Type")));
  return Auth0Failure(FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse,
                      absl::StrCat("Auth0 answered ", call, " with something that ", problem,
                                   " (status ", response.status, ", ", body_size, " bytes of ",
                                   type.empty() ? "no declared type" : TruncateUtf8(type, 80), ")"),
                      kCheckHostAction);
}

std::string DescribeError(const HttpResponse& response, Quote quote) {
  const ErrorWords words = WordsOf(response);
  std::string text = absl::StrCat("status ", response.status);
  std::string quoted;
  if (quote == Quote::kCodes) {
    if (IsCode(words.error)) quoted = words.error;
    if (IsCode(words.code)) absl::StrAppend(&quoted, quoted.empty() ? "" : ", ", words.code);
  } else {
    quoted = words.error;
    if (!words.description.empty()) {
      absl::StrAppend(&quoted, quoted.empty() ? "" : ": ", words.description);
    }
  }
  quoted = BlankHidden(quoted);
  if (!quoted.empty()) absl::StrAppend(&text, " (", TruncateUtf8(quoted, kLongestQuote), ")");
  return text;
}

}  // namespace logexport

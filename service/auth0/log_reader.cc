#include "service/auth0/log_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "service/auth0/failures.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/http/url.h"
#include "service/json/json_value.h"

namespace logexport {
namespace {

constexpr char kListCall[] = "GET /api/v2/logs";
constexpr char kReadLogCall[] = "GET /api/v2/logs/{id}";
constexpr char kLogScope[] = "read:logs";

constexpr int kWrongAllowed = 3;
constexpr int kRightForOneWrong = 32;

absl::Status CheckpointRejected(absl::string_view from, const HttpResponse& response) {
  return Auth0Failure(
      FailureClass::kPermanent, FailureReason::kAuth0CheckpointRejected,
      absl::StrCat("Auth0 does not accept the checkpoint ", from,
                   " as a log id: ", DescribeError(response)),
      "Set the checkpoint to a log that Auth0 still holds, to a time, or to the earliest log "
      "(logexportctl set-checkpoint --log-id …, --time …, --earliest).");
}

// Which of two ids comes first is known within one form only. Going on would leave out logs.
absl::Status FormChanged(absl::string_view from, absl::string_view id) {
  return Auth0Failure(
      FailureClass::kPermanent, FailureReason::kAuth0UnexpectedResponse,
      absl::StrCat("Auth0 answered the logs after ", from, " with the log ", id,
                   ", whose id has another form and sorts before it, so the order of these logs is "
                   "not known"),
      "Nothing was skipped. Set the checkpoint to the first log of the new form (logexportctl "
      "set-checkpoint --log-id … --inclusive), or to a time shortly before it (--time …).");
}

// The id that Auth0 says to go on from: <…/api/v2/logs?from=ID&take=100>; rel="next". Empty when it
// says nothing of the kind.
std::string NextFrom(const HttpResponse& response) {
  for (const absl::string_view link : absl::StrSplit(response.Header("Link"), ',')) {
    const auto begin = link.find('<');
    const auto end = link.find('>');
    if (begin == link.npos || end == link.npos || end < begin) continue;
    if (!absl::StrContains(link.substr(end), "next")) continue;
    const absl::string_view url = link.substr(begin + 1, end - begin - 1);
    const auto query = url.find('?');
    if (query == url.npos) continue;
    for (absl::string_view parameter : absl::StrSplit(url.substr(query + 1), '&')) {
      if (absl::ConsumePrefix(&parameter, "from=")) return std::string(parameter);
    }
  }
  return {};
}

// Whether an answer can be the log with that id. Whoever names it by its `_id` gets one whose id is
// the `log_id`; one that names no id must at least be a log. Anything else would be exported in its
// place, and the checkpoint would move to wherever it says.
bool IsAskedFor(const Log& log, absl::string_view id) {
  if (!log.has_id()) return !log.type->code.empty();
  return log.id == id || absl::StrContains(log.raw, absl::StrCat("\"", id, "\""));
}

// The id that the last log of a page has, by its looks: what follows the last "log_id" of the text.
// It may be something else that is called so. Empty when there is nothing of the kind.
absl::string_view LastIdIn(absl::string_view body) {
  // An id stands near the end of its log, and few logs are larger than this.
  constexpr std::size_t kLookBack = 16 << 10;
  constexpr absl::string_view kKey = "\"log_id\"";
  if (body.size() > kLookBack) body.remove_prefix(body.size() - kLookBack);
  const std::size_t key = body.rfind(kKey);
  if (key == body.npos) return {};
  absl::string_view rest = absl::StripLeadingAsciiWhitespace(body.substr(key + kKey.size()));
  if (!absl::ConsumePrefix(&rest, ":")) return {};
  rest = absl::StripLeadingAsciiWhitespace(rest);
  if (!absl::ConsumePrefix(&rest, "\"")) return {};
  const absl::string_view id = rest.substr(0, rest.find('"'));
  return absl::StrContains(id, '\\') ? absl::string_view() : id;
}

}  // namespace

LogReader::LogReader(std::shared_ptr<Auth0Client> client) : client_(std::move(client)) {}
LogReader::~LogReader() = default;

bool LogReader::ReadAhead::misleading() const {
  return wrong_ > kWrongAllowed + right_ / kRightForOneWrong;
}

template <typename Decode>
auto LogReader::WithDecoder(Decode decode) {
  std::unique_ptr<PageDecoder> decoder = decoders_.Take().value_or(nullptr);
  if (decoder == nullptr) decoder = std::make_unique<PageDecoder>();
  auto decoded = decode(*decoder);
  decoders_.Give(std::move(decoder));
  return decoded;
}

Auth0Client::Call LogReader::ListCall(absl::string_view from, int take) {
  Auth0Client::Call call;
  call.name = kListCall;
  call.target = absl::StrCat("/api/v2/logs?from=", PercentEncode(from), "&take=", take);
  call.scope = kLogScope;
  return call;
}

std::optional<absl::StatusOr<Auth0Client::Answer>> LogReader::TakeAhead(
    const Auth0Client::Call& call, const CallContext& context, ReadAhead* ahead,
    absl::Duration* asked) {
  if (ahead == nullptr || ahead->begun_ == nullptr) return std::nullopt;
  const std::unique_ptr<Auth0Client::Begun> begun = std::move(ahead->begun_);
  if (ahead->target_ != call.target) {
    ++ahead->wrong_;
    return std::nullopt;
  }
  ++ahead->right_;
  *asked = begun->asked;
  return client_->Finish(*begun, call, context);
}

void LogReader::ReadAheadAfter(const Reading& current, absl::string_view body,
                               absl::string_view from, int take, const CallContext& context,
                               ReadAhead* ahead, GoesOn goes_on) {
  if (ahead == nullptr || ahead->misleading()) return;
  const absl::string_view last_id = LastIdIn(body);
  if (last_id <= from || !goes_on(last_id, current.asked)) return;
  if (client_->WaitForLogs(context.lane) > absl::ZeroDuration()) return;
  const Auth0Client::Call call = ListCall(last_id, take);
  ahead->target_ = call.target;
  ahead->begun_ = client_->Begin(call, context);
}

absl::StatusOr<LogReader::Reading> LogReader::After(absl::string_view from, int take,
                                                    const CallContext& context, ReadAhead* ahead,
                                                    GoesOn goes_on) {
  const Auth0Client::Call call = ListCall(from, take);
  Reading reading;
  std::optional<absl::StatusOr<Auth0Client::Answer>> answered =
      TakeAhead(call, context, ahead, &reading.asked);
  if (!answered.has_value()) {
    reading.asked = client_->clock().Monotonic();
    answered = client_->Get(call, context);
  }
  ASSIGN_OR_RETURN(Auth0Client::Answer answer, *std::move(answered));
  reading.too_large = answer.too_large;
  if (answer.too_large) return reading;
  HttpResponse& response = answer.response;
  if (response.status != 200) {
    const absl::StatusOr<JsonValue> error = JsonValue::Parse(response.body);
    if (error.ok() && error->is_object()) return CheckpointRejected(from, response);
    return UnexpectedAnswer(kListCall, response, response.body.size(),
                            "is no error of the Management API");
  }
  reading.bytes = response.body.size();
  ReadAheadAfter(reading, response.body, from, take, context, ahead, goes_on);
  absl::StatusOr<PageDecoder::Result> result = WithDecoder(
      [&](PageDecoder& decoder) { return decoder.DecodeAfter(std::move(response.body), from); });
  if (!result.ok()) {
    return UnexpectedAnswer(kListCall, response, reading.bytes, result.status().message());
  }
  if (!result->other_form.empty()) return FormChanged(from, result->other_form);
  reading.page = std::move(result->page);
  if (result->repeated > 0) {
    LogWarning("Auth0 repeated logs that are not after the one asked for",
               {{"repeated", result->repeated}, {"from", from}});
    if (reading.page.logs.empty()) {
      return UnexpectedAnswer(kListCall, response, reading.bytes,
                              "holds only logs that are not after the one asked for");
    }
  }
  if (!reading.page.logs.empty() && reading.page.last_id.empty()) {
    reading.page.last_id = NextFrom(response);
    if (reading.page.last_id <= from) {
      return UnexpectedAnswer(kListCall, response, reading.bytes,
                              "holds no log with an id, so that there is no going on after it");
    }
  }
  return reading;
}

absl::StatusOr<LogReader::Reading> LogReader::One(absl::string_view id,
                                                  const CallContext& context) {
  Auth0Client::Call call;
  call.name = kReadLogCall;
  call.target = absl::StrCat("/api/v2/logs/", PercentEncode(id));
  call.scope = kLogScope;
  ASSIGN_OR_RETURN(Auth0Client::Answer answer, client_->Get(call, context));
  Reading reading;
  reading.too_large = answer.too_large;
  if (answer.too_large) return reading;
  HttpResponse& response = answer.response;
  if (response.status != 200) {
    return Auth0Failure(
        FailureClass::kPermanent, FailureReason::kAuth0LogNotFound,
        absl::StrCat("Auth0 does not have the log ", id, ": ", DescribeError(response)),
        "Use the id of a log that Auth0 still holds; how long it does depends on the plan.");
  }
  reading.bytes = response.body.size();
  absl::StatusOr<Page> page = WithDecoder(
      [&](PageDecoder& decoder) { return decoder.DecodeOne(std::move(response.body)); });
  if (!page.ok()) {
    return UnexpectedAnswer(kReadLogCall, response, reading.bytes, page.status().message());
  }
  if (!IsAskedFor(page->logs.front(), id)) {
    return UnexpectedAnswer(kReadLogCall, response, reading.bytes, "is not the log asked for");
  }
  reading.page = *std::move(page);
  return reading;
}

absl::StatusOr<Page> LogReader::Search(absl::string_view query, By by, const CallContext& context) {
  Auth0Client::Call call;
  call.name = kListCall;
  call.scope = kLogScope;
  std::string target =
      absl::StrCat("/api/v2/logs?per_page=100&page=0&sort=date:", by == By::kOldest ? "1" : "-1",
                   "&include_fields=true");
  if (!query.empty()) absl::StrAppend(&target, "&q=", PercentEncode(query));
  Auth0Client::Answer answer;
  // The documentation does not name log_id among the fields that may be asked for, although a log
  // comes with its id in any case; a server that takes it at its word is asked again without.
  for (const char* const fields : {"log_id,date,type", "date,type"}) {
    call.target = absl::StrCat(target, "&fields=", PercentEncode(fields));
    ASSIGN_OR_RETURN(answer, client_->Get(call, context));
    if (answer.too_large || answer.response.status != 400) break;
  }
  if (answer.too_large) {
    return NoResponse(kListCall, absl::ResourceExhaustedError("the answer is too large"));
  }
  HttpResponse& response = answer.response;
  if (response.status != 200) {
    return Auth0Failure(FailureClass::kPermanent, FailureReason::kAuth0UnexpectedResponse,
                        absl::StrCat("Auth0 does not accept the search that finds where to start: ",
                                     DescribeError(response)),
                        "Set the checkpoint to a log id (logexportctl set-checkpoint --log-id …).");
  }
  const std::size_t size = response.body.size();
  absl::StatusOr<PageDecoder::Result> result = WithDecoder(
      [&](PageDecoder& decoder) { return decoder.DecodeAfter(std::move(response.body), ""); });
  if (!result.ok()) return UnexpectedAnswer(kListCall, response, size, result.status().message());
  std::vector<Log>& logs = result->page.logs;
  if (!logs.empty() && result->page.last_id.empty()) {
    return UnexpectedAnswer(kListCall, response, size, "holds no log with an id");
  }
  logs.erase(std::remove_if(logs.begin(), logs.end(), [](const Log& log) { return !log.has_id(); }),
             logs.end());
  return std::move(result->page);
}

absl::StatusOr<Page> LogReader::DecodeArray(std::string array) {
  return WithDecoder([&](PageDecoder& decoder) { return decoder.DecodeArray(std::move(array)); });
}

absl::Status LogReader::Probe(const CallContext& context) {
  Auth0Client::Call call;
  call.name = kListCall;
  call.target = "/api/v2/logs?per_page=1&page=0";
  call.scope = kLogScope;
  ASSIGN_OR_RETURN(Auth0Client::Answer answer, client_->Get(call, context));
  if (answer.too_large) return absl::OkStatus();
  HttpResponse& response = answer.response;
  if (response.status != 200) {
    return UnexpectedAnswer(kListCall, response, response.body.size(),
                            "is not what the Management API gives");
  }
  const std::size_t size = response.body.size();
  const absl::StatusOr<Page> page = DecodeArray(std::move(response.body));
  if (!page.ok()) return UnexpectedAnswer(kListCall, response, size, page.status().message());
  return absl::OkStatus();
}

}  // namespace logexport

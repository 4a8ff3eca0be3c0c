#include "tests/sandbox/auth0/auth0_simulator.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

#include "service/base/hash.h"
#include "service/json/json_writer.h"
#include "tests/sandbox/auth0/json_fields.h"
#include "tests/sandbox/auth0/log_query.h"

namespace logexport::sandbox {
namespace {

constexpr std::size_t kMaxPage = 100;
constexpr std::size_t kDefaultPage = 50;
constexpr std::size_t kMaxSearchResults = 1000;

// The Management API's error envelope.
HttpResponse ApiError(int status, absl::string_view error, absl::string_view message,
                      absl::string_view code) {
  JsonWriter json;
  json.BeginObject().Key("statusCode").Int(status).Key("error").String(error);
  json.Key("message").String(message).Key("errorCode").String(code).EndObject();
  return JsonResponse(status, std::move(json).Take());
}

HttpResponse BadQuery(absl::string_view message) {
  return ApiError(400, "Bad Request", message, "invalid_query_string");
}

// The token endpoint's error envelope.
HttpResponse TokenError(int status, absl::string_view error, absl::string_view description) {
  JsonWriter json;
  json.BeginObject().Key("error").String(error);
  json.Key("error_description").String(description).EndObject();
  return JsonResponse(status, std::move(json).Take());
}

// Reads a whole number from `low` to `high`; false, and the refusal, if it is something else.
bool ReadNumber(const HttpRequest& request, absl::string_view name, std::size_t low,
                std::size_t high, std::size_t* number, HttpResponse* refusal) {
  const std::optional<std::string> text = request.Parameter(name);
  if (!text.has_value()) {
    return true;
  }
  if (absl::SimpleAtoi(*text, number) && *number >= low && *number <= high) {
    return true;
  }
  *refusal = BadQuery(absl::StrCat("Query validation error: '", *text, "' on property ", name,
                                   " is not a number from ", low, " to ", high, "."));
  return false;
}

bool Flag(const HttpRequest& request, absl::string_view name, bool if_absent) {
  const std::optional<std::string> text = request.Parameter(name);
  return text.has_value() ? *text == "true" : if_absent;
}

// The ids in user_id:"a" or user_id:("a" OR "b" …), which is all that an exporter asks for.
bool ReadUserIds(absl::string_view query, std::vector<std::string>* ids) {
  if (!absl::ConsumePrefix(&query, "user_id:")) {
    return false;
  }
  const bool many = absl::ConsumePrefix(&query, "(");
  if (many && !absl::ConsumeSuffix(&query, ")")) {
    return false;
  }
  do {
    if (!absl::ConsumePrefix(&query, "\"")) {
      return false;
    }
    std::string id;
    while (!query.empty() && query[0] != '"') {
      if (query[0] == '\\' && query.size() > 1) {
        query.remove_prefix(1);
      }
      id.push_back(query[0]);
      query.remove_prefix(1);
    }
    if (!absl::ConsumePrefix(&query, "\"")) {
      return false;
    }
    ids->push_back(std::move(id));
  } while (many && absl::ConsumePrefix(&query, " OR "));
  return query.empty();
}

}  // namespace

Auth0Simulator::Auth0Simulator(Auth0Options options, absl::string_view scheme, const LogStore* logs,
                               const UserDirectory* users)
    : options_([&options] {
        if (options.audience.empty()) {
          options.audience = absl::StrCat("https://", options.domain, "/api/v2/");
        }
        return std::move(options);
      }()),
      scheme_(scheme),
      logs_(logs),
      users_(users),
      bucket_(options_.rate_limit),
      logs_bucket_(options_.logs_rate_limit),
      users_bucket_(options_.users_rate_limit) {}

std::string Auth0Simulator::MakeToken(absl::Time now) {
  const std::int64_t start = absl::ToUnixSeconds(now);
  JsonWriter payload;
  payload.BeginObject().Key("iss").String(absl::StrCat("https://", options_.domain, "/"));
  payload.Key("sub").String(absl::StrCat(options_.client_id, "@clients"));
  payload.Key("aud").String(options_.audience).Key("iat").Int(start);
  payload.Key("exp").Int(start + absl::ToInt64Seconds(options_.token_lifetime));
  payload.Key("jti").Int(static_cast<std::int64_t>(++last_token_)).EndObject();
  const std::string body = absl::StrCat(absl::WebSafeBase64Escape(R"({"alg":"none","typ":"JWT"})"),
                                        ".", absl::WebSafeBase64Escape(payload.text()));
  // Not signed: nobody but this simulator has to believe it.
  return absl::StrCat(body, ".", Sha256Hex(body));
}

HttpResponse Auth0Simulator::Token(const HttpRequest& request, absl::Time now) {
  const bool form =
      absl::StartsWithIgnoreCase(request.Header("Content-Type"), "application/x-www-form");
  const auto field = [&request, form](absl::string_view name) {
    return form ? FormValue(request.body, name).value_or("") : StringField(request.body, name);
  };
  const auto refuse = [this](int status, absl::string_view error, absl::string_view description) {
    ++counters_.tokens_refused;
    return TokenError(status, error, description);
  };
  if (field("grant_type") != "client_credentials") {
    return refuse(403, "unauthorized_client",
                  "Grant type not allowed for the client: only client_credentials is simulated.");
  }
  if (field("client_id") != options_.client_id ||
      field("client_secret") != options_.client_secret) {
    return refuse(401, "access_denied", "Unauthorized");
  }
  if (field("audience") != options_.audience) {
    return refuse(403, "access_denied",
                  absl::StrCat("Service not enabled within domain: ", field("audience")));
  }
  const std::string token = MakeToken(now);
  tokens_[token] = now + options_.token_lifetime;
  ++counters_.tokens_issued;
  JsonWriter json;
  json.BeginObject().Key("access_token").String(token);
  json.Key("scope").String(absl::StrJoin(options_.scopes, " "));
  json.Key("expires_in").Int(absl::ToInt64Seconds(options_.token_lifetime));
  json.Key("token_type").String("Bearer").EndObject();
  return JsonResponse(200, std::move(json).Take());
}

bool Auth0Simulator::Admit(const HttpRequest& request, absl::Time now, TokenBucket* bucket,
                           std::initializer_list<absl::string_view> any_scope,
                           HttpResponse* response) {
  if (request.path.size() + request.query.size() + 1 > options_.max_target_bytes) {
    *response = TextResponse(414, "URI Too Long");
    return false;
  }
  absl::string_view bearer = request.Header("Authorization");
  if (!absl::ConsumePrefix(&bearer, "Bearer ")) {
    ++counters_.unauthorized;
    *response = ApiError(401, "Unauthorized", "Missing authentication", "missing_authentication");
    return false;
  }
  const auto token = tokens_.find(bearer);
  if (token == tokens_.end() || token->second <= now) {
    ++counters_.unauthorized;
    *response =
        ApiError(401, "Unauthorized",
                 token == tokens_.end() ? "Invalid token"
                                        : "Expired token received for JSON Web Token validation",
                 "invalid_token");
    return false;
  }
  if (std::none_of(any_scope.begin(), any_scope.end(), [this](absl::string_view scope) {
        return std::find(options_.scopes.begin(), options_.scopes.end(), scope) !=
               options_.scopes.end();
      })) {
    ++counters_.forbidden;
    *response = ApiError(
        403, "Forbidden",
        absl::StrCat("Insufficient scope, expected any of: ", absl::StrJoin(any_scope, ",")),
        "insufficient_scope");
    return false;
  }
  TokenBucket& own = bucket->limited() ? *bucket : bucket_;
  const bool admitted = own.Take(now);
  if (!admitted) {
    ++counters_.rate_limited;
    *response =
        ApiError(429, "Too Many Requests", "Global limit has been reached", "too_many_requests");
  }
  response->headers = own.Headers(now);
  return admitted;
}

bool Auth0Simulator::IsCheckpointRead(const HttpRequest& request) {
  return request.Parameter("from").has_value() || request.Parameter("take").has_value();
}

HttpResponse Auth0Simulator::ListLogs(const HttpRequest& request, absl::Time now) {
  HttpResponse admitted;
  if (!Admit(request, now, &logs_bucket_, {"read:logs", "read:logs_users"}, &admitted)) {
    return admitted;
  }
  HttpResponse page = IsCheckpointRead(request) ? CheckpointPage(request) : SearchPage(request);
  page.headers.insert(page.headers.end(), admitted.headers.begin(), admitted.headers.end());
  return page;
}

HttpResponse Auth0Simulator::CheckpointPage(const HttpRequest& request) {
  HttpResponse page;
  std::size_t take = kDefaultPage;
  if (!ReadNumber(request, "take", 1, kMaxPage, &take, &page)) {
    return page;
  }
  const std::string from = request.Parameter("from").value_or("");
  const std::size_t begin = std::max(logs_->UpperBound(from), logs_->first_visible());
  const std::size_t end = std::min(begin + take, logs_->size());
  page.slices = logs_->Slices(begin, end);
  const absl::string_view next = end > begin ? logs_->at(end - 1).id : absl::string_view(from);
  page.headers.emplace_back(
      "Link", absl::StrCat("<", scheme_, "://", request.Header("Host"), "/api/v2/logs?from=", next,
                           "&take=", take, ">; rel=\"next\""));
  ++counters_.pages;
  counters_.empty_pages += end == begin ? 1 : 0;
  counters_.logs_served += end - begin;
  return page;
}

HttpResponse Auth0Simulator::SearchPage(const HttpRequest& request) {
  HttpResponse refusal;
  std::size_t page = 0;
  std::size_t per_page = kDefaultPage;
  if (!ReadNumber(request, "page", 0, SIZE_MAX / kMaxPage, &page, &refusal) ||
      !ReadNumber(request, "per_page", 0, kMaxPage, &per_page, &refusal)) {
    return refusal;
  }
  const std::size_t first = page * per_page;
  if (first + per_page > kMaxSearchResults) {
    return BadQuery("You can only page through the first 1000 records. Use from and take.");
  }
  const absl::StatusOr<LogQuery> query = LogQuery::Parse(request.Parameter("q").value_or(""));
  if (!query.ok()) {
    return BadQuery(query.status().message());
  }
  const std::string sort = request.Parameter("sort").value_or("");
  if (!sort.empty() && sort != "date:1" && sort != "date:-1") {
    return BadQuery("The sandbox sorts by date:1 and date:-1 only.");
  }
  std::vector<std::size_t> found;
  for (std::size_t i = logs_->size(); i-- > logs_->first_visible();) {
    if (query->Matches(logs_->at(i))) {
      found.push_back(i);
    }
  }
  if (!sort.empty()) {
    const auto wanted = static_cast<std::ptrdiff_t>(std::min(first + per_page, found.size()));
    std::partial_sort(found.begin(), found.begin() + wanted, found.end(),
                      [this, oldest_first = sort == "date:1"](std::size_t a, std::size_t b) {
                        return oldest_first ? logs_->at(a).date < logs_->at(b).date
                                            : logs_->at(b).date < logs_->at(a).date;
                      });
  }
  const std::size_t begin = std::min(first, found.size());
  const std::size_t end = std::min(first + per_page, found.size());
  std::string logs = "[";
  for (std::size_t i = begin; i < end; ++i) {
    absl::StrAppend(&logs, i > begin ? "," : "",
                    SelectFields(logs_->at(found[i]).json, request.Parameter("fields"),
                                 Flag(request, "include_fields", true)));
  }
  logs += "]";
  ++counters_.search_pages;
  counters_.search_logs_served += end - begin;
  if (!Flag(request, "include_totals", false)) {
    return JsonResponse(200, std::move(logs));
  }
  // Since log search v3, total counts this page only.
  return JsonResponse(
      200, absl::StrCat(R"({"start":)", first, R"(,"limit":)", per_page, R"(,"length":)",
                        end - begin, R"(,"total":)", end - begin, R"(,"logs":)", logs, "}"));
}

HttpResponse Auth0Simulator::GetLog(const HttpRequest& request, absl::string_view encoded_id,
                                    absl::Time now) {
  HttpResponse response;
  if (!Admit(request, now, &logs_bucket_, {"read:logs", "read:logs_users"}, &response)) {
    return response;
  }
  const std::size_t index = logs_->Find(PercentDecode(encoded_id, false));
  HttpResponse found = index < logs_->size() && index >= logs_->first_visible()
                           ? JsonResponse(200, std::string(logs_->at(index).json))
                           : ApiError(404, "Not Found", "Log not found.", "inexistent_log");
  found.headers = std::move(response.headers);
  return found;
}

HttpResponse Auth0Simulator::GetUser(const HttpRequest& request, absl::string_view encoded_id,
                                     absl::Time now) {
  HttpResponse response;
  if (!Admit(request, now, &users_bucket_, {"read:users"}, &response)) {
    return response;
  }
  const std::string profile = users_->Profile(PercentDecode(encoded_id, false));
  ++(profile.empty() ? counters_.profiles_not_found : counters_.profiles_served);
  HttpResponse found =
      profile.empty() ? ApiError(404, "Not Found", "The user does not exist.", "inexistent_user")
                      : JsonResponse(200, SelectFields(profile, request.Parameter("fields"),
                                                       Flag(request, "include_fields", true)));
  found.headers = std::move(response.headers);
  return found;
}

HttpResponse Auth0Simulator::SearchUsers(const HttpRequest& request, absl::Time now) {
  HttpResponse response;
  if (!Admit(request, now, &users_bucket_, {"read:users"}, &response)) {
    return response;
  }
  std::size_t page = 0;
  std::size_t per_page = kDefaultPage;
  HttpResponse found;
  std::vector<std::string> ids;
  if (!ReadNumber(request, "page", 0, SIZE_MAX / kMaxPage, &page, &found) ||
      !ReadNumber(request, "per_page", 0, kMaxPage, &per_page, &found)) {
    // `found` is the refusal.
  } else if (request.Parameter("search_engine").value_or("v3") != "v3" ||
             !ReadUserIds(request.Parameter("q").value_or(""), &ids)) {
    found = BadQuery("The sandbox searches users by user_id:(\"a\" OR \"b\") with engine v3 only.");
  } else {
    std::vector<std::string> profiles;
    for (const std::string& id : ids) {
      if (std::string profile = users_->Profile(id); !profile.empty()) {
        profiles.push_back(std::move(profile));
      }
    }
    std::string list = "[";
    const std::size_t begin = std::min(page * per_page, profiles.size());
    const std::size_t end = std::min(begin + per_page, profiles.size());
    for (std::size_t i = begin; i < end; ++i) {
      absl::StrAppend(&list, i > begin ? "," : "",
                      SelectFields(profiles[i], request.Parameter("fields"),
                                   Flag(request, "include_fields", true)));
    }
    counters_.profiles_served += end - begin;
    found = JsonResponse(200, list + "]");
  }
  found.headers.insert(found.headers.end(), response.headers.begin(), response.headers.end());
  return found;
}

}  // namespace logexport::sandbox

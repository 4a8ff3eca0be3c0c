#include "tests/sandbox/faults/fault_injector.h"

#include <cstddef>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace logexport::sandbox {
namespace {

// The words each service is known to answer an error with.
std::string UsualErrorBody(Endpoint endpoint, int status) {
  switch (endpoint) {
    case Endpoint::kToken:
      if (status == 429) {
        return R"({"error":"too_many_requests","error_description":"Client quota exceeded"})";
      }
      return status < 500
                 ? R"({"error":"access_denied","error_description":"Unauthorized"})"
                 : R"({"error":"server_error","error_description":"Simulated server error"})";
    case Endpoint::kLogsCheckpoint:
    case Endpoint::kLogsSearch:
    case Endpoint::kLog:
    case Endpoint::kUsersRead:
    case Endpoint::kUsersSearch:
      if (status == 429) {
        return R"({"statusCode":429,"error":"Too Many Requests","message":"Global limit has been reached","errorCode":"too_many_requests"})";
      }
      return absl::StrCat(R"({"statusCode":)", status,
                          R"(,"error":"Simulated","message":"Simulated error","errorCode":"sim"})");
    case Endpoint::kSegment:
      return status == 400 ? "Bad Request" : "simulated error";
    case Endpoint::kSlack:
      return status == 404 ? "no_service" : status == 403 ? "invalid_token" : "rollup_error";
  }
  return {};
}

bool LooksLikeJson(absl::string_view body) {
  return absl::StartsWith(body, "{") || absl::StartsWith(body, "[");
}

bool Mentions(const HttpRequest& request, const std::string& text) {
  return absl::StrContains(request.body, text) || absl::StrContains(request.path, text) ||
         absl::StrContains(request.query, text) || absl::StrContains(request.method, text);
}

}  // namespace

void FaultInjector::SetLatency(EndpointSet endpoints, absl::Duration latency) {
  for (std::size_t i = 0; i < kEndpoints; ++i) {
    if (endpoints.Contains(static_cast<Endpoint>(i))) {
      latency_[static_cast<Endpoint>(i)] = latency;
    }
  }
}

const FaultRule* FaultInjector::Strike(Endpoint endpoint, const HttpRequest& request) {
  for (Entry& entry : entries_) {
    const FaultRule& rule = entry.rule;
    if (!rule.endpoints.Contains(endpoint) || request.body.size() < rule.min_body_bytes ||
        (rule.times > 0 && entry.struck >= rule.times) ||
        (!rule.contains.empty() && !Mentions(request, rule.contains))) {
      continue;
    }
    if (++entry.counted <= rule.skip ||
        (rule.every > 1 && (entry.counted - rule.skip) % rule.every != 0)) {
      continue;
    }
    if (rule.probability < 1 &&
        std::uniform_real_distribution<double>(0, 1)(random_) >= rule.probability) {
      continue;
    }
    ++entry.struck;
    return &rule;
  }
  return nullptr;
}

bool FaultInjector::Processes(const FaultRule& rule) {
  if (rule.process.has_value()) {
    return *rule.process;
  }
  switch (rule.action) {
    case FaultAction::kStatus:
    case FaultAction::kHang:
    case FaultAction::kClose:
    case FaultAction::kHtml:
    case FaultAction::kEndless:
    case FaultAction::kGarbage:
      return false;
    case FaultAction::kCutHeader:
    case FaultAction::kCutBody:
    case FaultAction::kDrip:
    case FaultAction::kWrongLength:
    case FaultAction::kTruncatedJson:
    case FaultAction::kAcceptThenClose:
    case FaultAction::kDelay:
      return true;
  }
  return false;
}

HttpResponse FaultInjector::Answer(const FaultRule& rule, Endpoint endpoint) {
  HttpResponse response = JsonResponse(200, "{}");
  Distort(rule, endpoint, &response);
  return response;
}

void FaultInjector::Distort(const FaultRule& rule, Endpoint endpoint, HttpResponse* response) {
  using Kind = Transmission::Kind;
  Transmission& transmission = response->transmission;
  switch (rule.action) {
    case FaultAction::kStatus:
      *response =
          TextResponse(rule.status, rule.body ? *rule.body : UsualErrorBody(endpoint, rule.status));
      if (LooksLikeJson(response->body)) {
        response->content_type = "application/json; charset=utf-8";
      }
      break;
    case FaultAction::kHtml:
      *response = TextResponse(
          200, rule.body.value_or("<!DOCTYPE html><html><head><title>Sign in</title></head>"
                                  "<body><h1>Please sign in to the network</h1></body></html>"));
      response->content_type = "text/html";
      break;
    case FaultAction::kTruncatedJson:
      response->Flatten();
      response->body.resize(response->body.size() / 2);
      break;
    case FaultAction::kHang:
      transmission.kind = Kind::kHang;
      break;
    case FaultAction::kClose:
    case FaultAction::kAcceptThenClose:
      transmission.kind = Kind::kClose;
      break;
    case FaultAction::kCutHeader:
      transmission.kind = Kind::kCutHeader;
      break;
    case FaultAction::kCutBody:
      transmission.kind = Kind::kCutBody;
      break;
    case FaultAction::kDrip:
      transmission.kind = Kind::kDrip;
      break;
    case FaultAction::kWrongLength:
      transmission.kind = Kind::kWrongLength;
      break;
    case FaultAction::kEndless:
      transmission.kind = Kind::kEndless;
      break;
    case FaultAction::kGarbage:
      transmission.kind = Kind::kGarbage;
      break;
    case FaultAction::kDelay:
      break;
  }
  response->headers.insert(response->headers.end(), rule.headers.begin(), rule.headers.end());
  if (!rule.content_type.empty()) {
    response->content_type = rule.content_type;
  }
  response->transmission.delay = rule.delay;
  response->transmission.hang_for = rule.hang_for;
  response->transmission.drip_every = rule.drip_every;
  response->transmission.drip_bytes = rule.drip_bytes;
  response->transmission.length_delta = rule.length_delta;
  response->transmission.reset = rule.reset;
}

}  // namespace logexport::sandbox

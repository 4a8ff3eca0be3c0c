#include "tests/support/scripted_transport.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <gtest/gtest.h>

namespace logexport {
namespace {

constexpr std::size_t kSpareBytes = 64;

absl::string_view Name(HttpMethod method) { return method == HttpMethod::kGet ? "GET" : "POST"; }

}  // namespace

HttpResponse MakeResponse(int status, std::string body, std::vector<HttpHeader> headers) {
  HttpResponse response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = std::move(body);
  return response;
}

absl::string_view RecordedRequest::Header(absl::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (absl::EqualsIgnoreCase(header.name, name)) return header.value;
  }
  return {};
}

void ScriptedTransport::Answer(HttpMethod method, Url url, absl::StatusOr<HttpResponse> response,
                               int times) {
  AnswerWith(
      method, std::move(url),
      [response = std::move(response)](const HttpRequest&) { return response; }, times);
}

void ScriptedTransport::AnswerWith(HttpMethod method, Url url, Responder responder, int times) {
  MutexLock lock(&mutex_);
  script_.push_back({method, std::move(url), std::move(responder), times});
}

absl::StatusOr<HttpResponse> ScriptedTransport::Issue(const HttpRequest& request) {
  Responder responder;
  {
    MutexLock lock(&mutex_);
    std::string body(request.body);
    for (const absl::string_view piece : request.more_body) absl::StrAppend(&body, piece);
    requests_.push_back({request.method, request.url, request.headers, std::move(body),
                         request.timeout, request.connect_timeout, request.max_response_bytes,
                         request.accept_compressed});
    issued_.NotifyAll();
    if (request.stop.stop_requested()) return absl::CancelledError("stop was requested");
    for (Line& line : script_) {
      if (line.times == 0 || line.method != request.method || !line.url.Matches(request.url)) {
        continue;
      }
      if (line.times > 0) --line.times;
      responder = line.responder;
      break;
    }
  }
  if (!responder) {
    const std::string message =
        absl::StrCat("no answer is scripted for ", Name(request.method), " ", request.url);
    ADD_FAILURE() << message;
    return absl::InternalError(message);
  }
  absl::StatusOr<HttpResponse> response = responder(request);
  if (request.stop.stop_requested()) return absl::CancelledError("stop was requested");
  if (!response.ok()) return response.status();
  if (response->body.size() > request.max_response_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat("the response is larger than the allowed ",
                                                     request.max_response_bytes, " bytes"));
  }
  response->body.reserve(response->body.size() + kSpareBytes);
  return *std::move(response);
}

std::unique_ptr<HttpExchange> ScriptedTransport::Begin(HttpRequest request) {
  class Answered final : public HttpExchange {
   public:
    explicit Answered(absl::StatusOr<HttpResponse> response) : response_(std::move(response)) {}
    absl::StatusOr<HttpResponse> Finish() override { return std::move(response_); }

   private:
    absl::StatusOr<HttpResponse> response_;
  };
  return std::make_unique<Answered>(Issue(request));
}

std::vector<RecordedRequest> ScriptedTransport::requests() const {
  MutexLock lock(&mutex_);
  return requests_;
}

void ScriptedTransport::WaitForRequests(std::size_t count) const {
  const absl::Time give_up = absl::Now() + absl::Minutes(1);
  MutexLock lock(&mutex_);
  while (requests_.size() < count) {
    const absl::Duration left = give_up - absl::Now();
    if (left <= absl::ZeroDuration()) {
      ADD_FAILURE() << "waited a minute for " << count << " requests, there were "
                    << requests_.size();
      return;
    }
    issued_.WaitFor(&mutex_, left);
  }
}

int ScriptedTransport::unused() const {
  MutexLock lock(&mutex_);
  int unused = 0;
  for (const Line& line : script_) unused += line.times > 0 ? line.times : 0;
  return unused;
}

}  // namespace logexport

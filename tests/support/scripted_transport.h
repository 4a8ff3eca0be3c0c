#ifndef LOGEXPORT_TESTS_SUPPORT_SCRIPTED_TRANSPORT_H_
#define LOGEXPORT_TESTS_SUPPORT_SCRIPTED_TRANSPORT_H_

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <gmock/gmock.h>

#include "service/base/mutex.h"
#include "service/http/transport.h"

namespace logexport {

// A response as a server would give it.
HttpResponse MakeResponse(int status, std::string body = "", std::vector<HttpHeader> headers = {});

// A request as it was issued, body included.
struct RecordedRequest {
  HttpMethod method = HttpMethod::kGet;
  std::string url;
  std::vector<HttpHeader> headers;
  std::string body;
  absl::Duration timeout;
  absl::Duration connect_timeout;
  std::size_t max_response_bytes = 0;
  bool accept_compressed = false;

  // The value of the first header of that name (in any case), or an empty view.
  absl::string_view Header(absl::string_view name) const;
};

// A transport that answers from a script and remembers what it was asked:
//
//   ScriptedTransport http;
//   http.Answer(HttpMethod::kPost, EndsWith("/oauth/token"), MakeResponse(200, R"({"a":1})"));
//   http.Answer(HttpMethod::kGet, HasSubstr("/logs?"), absl::UnavailableError("reset"), 3);
//   ...
//   EXPECT_EQ(http.requests()[0].Header("Authorization"), "Bearer t");
//   EXPECT_EQ(http.unused(), 0);
//
// Each request takes the first line of the script, in the order given, that matches and is not used
// up. A request that none matches fails the test and gets INTERNAL. Keeps the promises of
// HttpTransport: CANCELLED once `stop` is requested, RESOURCE_EXHAUSTED beyond max_response_bytes,
// spare bytes behind the body. Thread-safe.
class ScriptedTransport final : public HttpTransport {
 public:
  using Url = ::testing::Matcher<const std::string&>;
  // Runs in the thread that issues the request, without a lock held: it may block, stop the
  // request, or add lines to the script.
  using Responder = std::function<absl::StatusOr<HttpResponse>(const HttpRequest& request)>;

  static constexpr int kForever = -1;

  void Answer(HttpMethod method, Url url, absl::StatusOr<HttpResponse> response, int times = 1);
  void AnswerWith(HttpMethod method, Url url, Responder responder, int times = kForever);

  absl::StatusOr<HttpResponse> Issue(const HttpRequest& request) override;
  // The request is issued, and answered from the script, at once.
  std::unique_ptr<HttpExchange> Begin(HttpRequest request) override;

  // All requests so far in the order they were issued, unmatched ones included.
  std::vector<RecordedRequest> requests() const;

  // Blocks until `count` requests were issued. Fails the test after a minute of real time.
  void WaitForRequests(std::size_t count) const;

  // Answers that were scripted a number of times and not asked for as often.
  int unused() const;

 private:
  struct Line {
    HttpMethod method;
    Url url;
    Responder responder;
    int times;
  };

  mutable Mutex mutex_;
  mutable CondVar issued_;
  std::list<Line> script_ ABSL_GUARDED_BY(mutex_);
  std::vector<RecordedRequest> requests_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SUPPORT_SCRIPTED_TRANSPORT_H_

// What an exchange costs the thread that issues it, in CPU time: our transport beside the barest
// client libcurl allows, over the same loopback server, whose own threads are not counted.
//
// Sizes are those of the service: a page of 100 logs is read, a full batch of events is sent.
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include <benchmark/benchmark.h>
#include <curl/curl.h>

#include "service/http/curl_transport.h"
#include "service/http/gzip.h"
#include "service/http/transport.h"
#include "tests/bench/made_up_logs.h"
#include "tests/support/raw_server.h"

namespace logexport {
namespace {

std::size_t Append(char* data, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

// One easy handle, used again and again, with nothing set that need not be.
class BareClient {
 public:
  explicit BareClient(const std::string& url) : curl_(curl_easy_init()) {
    curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &Append);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &body_);
    headers_ = curl_slist_append(nullptr, "Expect:");
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
  }
  ~BareClient() {
    curl_easy_cleanup(curl_);
    curl_slist_free_all(headers_);
  }
  BareClient(const BareClient&) = delete;
  BareClient& operator=(const BareClient&) = delete;

  bool Exchange(absl::string_view post) {
    body_.clear();
    if (!post.empty()) {
      curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE, static_cast<long>(post.size()));
      curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, post.data());
    }
    return curl_easy_perform(curl_) == CURLE_OK;
  }

 private:
  CURL* const curl_;
  curl_slist* headers_ = nullptr;
  std::string body_;
};

void RunBare(benchmark::State& state, std::size_t response_bytes, std::size_t request_bytes) {
  RawServer server(AnswerEach(RawResponse(200, std::string(response_bytes, 'x'))));
  server.StopRecording();
  BareClient client(server.Url());
  const std::string body(request_bytes, 'x');
  for (auto _ : state) {
    if (!client.Exchange(body)) state.SkipWithError("the exchange failed");
  }
}

void RunTransport(benchmark::State& state, std::size_t response_bytes, std::size_t request_bytes) {
  RawServer server(AnswerEach(RawResponse(200, std::string(response_bytes, 'x'))));
  server.StopRecording();
  auto transport = MakeCurlTransport({});
  const std::string body(request_bytes, 'x');
  std::stop_source stop;
  HttpRequest request;
  request.url = server.Url();
  request.method = body.empty() ? HttpMethod::kGet : HttpMethod::kPost;
  request.headers = {{"Authorization", "Bearer token"}, {"Content-Type", "application/json"}};
  request.body = body;
  request.max_response_bytes = 8 << 20;
  request.stop = stop.get_token();
  for (auto _ : state) {
    if (!(*transport)->Issue(request).ok()) state.SkipWithError("the exchange failed");
  }
}

// A page of logs as it comes over a real network, gzipped, and the same as it is.
void ReadLogs(benchmark::State& state, bool gzip) {
  const std::string page = bench::MadeUpPage();
  std::string body = page;
  if (gzip) GzipCompressor(6).Compress(page, &body);
  RawServer server(AnswerEach(RawResponse(200, body, gzip ? "Content-Encoding: gzip\r\n" : "")));
  server.StopRecording();
  auto transport = MakeCurlTransport({});
  HttpRequest request;
  request.url = server.Url();
  request.max_response_bytes = 8 << 20;
  request.accept_compressed = gzip;
  for (auto _ : state) {
    const absl::StatusOr<HttpResponse> response = (*transport)->Issue(request);
    if (!response.ok() || response->body.size() != page.size()) {
      state.SkipWithError("the page did not arrive");
    }
  }
  state.counters["bytes"] = static_cast<double>(body.size());
}

constexpr std::size_t kPage = 150'000;
constexpr std::size_t kBatch = 475'000;

BENCHMARK_CAPTURE(RunBare, Small, 20, 0);
BENCHMARK_CAPTURE(RunTransport, Small, 20, 0);
BENCHMARK_CAPTURE(RunBare, ReadPage, kPage, 0);
BENCHMARK_CAPTURE(RunTransport, ReadPage, kPage, 0);
BENCHMARK_CAPTURE(ReadLogs, Plain, false);
BENCHMARK_CAPTURE(ReadLogs, Gzip, true);
BENCHMARK_CAPTURE(RunBare, SendBatch, 20, kBatch);
BENCHMARK_CAPTURE(RunTransport, SendBatch, 20, kBatch);

}  // namespace
}  // namespace logexport

int main(int argc, char** argv) {
  if (const absl::Status ready = logexport::InitHttp(); !ready.ok()) {
    std::cerr << ready << std::endl;
    return EXIT_FAILURE;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return EXIT_FAILURE;
  benchmark::RunSpecifiedBenchmarks();
  return EXIT_SUCCESS;
}

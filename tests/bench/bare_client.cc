#include "tests/bench/bare_client.h"

#include <condition_variable>
#include <ctime>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <curl/curl.h>

#include "service/auth0/page_decoder.h"
#include "service/base/status_macros.h"
#include "service/export/log.h"
#include "service/json/json_value.h"
#include "service/segment/event_mapper.h"

namespace logexport::bench {
namespace {

// As far as reading may be ahead of sending, in pages.
constexpr int kPagesAhead = 4;

double ThreadCpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::size_t Append(char* data, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

// One connection.
class Easy {
 public:
  explicit Easy(const std::string& ca_file) : curl_(curl_easy_init()) {
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &Append);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &body_);
    curl_easy_setopt(curl_, CURLOPT_PROXY, "");
    if (!ca_file.empty()) curl_easy_setopt(curl_, CURLOPT_CAINFO, ca_file.c_str());
    headers_ = curl_slist_append(nullptr, "Expect:");
  }
  ~Easy() {
    curl_easy_cleanup(curl_);
    curl_slist_free_all(headers_);
  }
  Easy(const Easy&) = delete;
  Easy& operator=(const Easy&) = delete;

  void AddHeader(const std::string& line) { headers_ = curl_slist_append(headers_, line.c_str()); }

  absl::Status Get(const std::string& url) { return Perform(url); }

  absl::Status Post(const std::string& url, absl::string_view body) {
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.data());
    return Perform(url);
  }

  const std::string& body() const { return body_; }

 private:
  absl::Status Perform(const std::string& url) {
    body_.clear();
    curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
    if (const CURLcode code = curl_easy_perform(curl_); code != CURLE_OK) {
      return absl::UnavailableError(absl::StrCat(url, ": ", curl_easy_strerror(code)));
    }
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) return absl::UnavailableError(absl::StrCat(url, ": status ", status));
    return absl::OkStatus();
  }

  CURL* const curl_;
  curl_slist* headers_ = nullptr;
  std::string body_;
};

// Empty for a page without logs.
absl::string_view LastIdOf(absl::string_view page) {
  constexpr absl::string_view kKey = "\"log_id\":\"";
  const std::size_t key = page.rfind(kKey);
  if (key == absl::string_view::npos) return {};
  const std::size_t begin = key + kKey.size();
  return page.substr(begin, page.find('"', begin) - begin);
}

template <typename OnPage>
absl::Status Walk(Easy& easy, const std::string& url, BareCost* cost, OnPage on_page) {
  std::string from = SyntheticLogId(absl::UnixEpoch());
  for (;;) {
    RETURN_IF_ERROR(easy.Get(absl::StrCat(url, "/api/v2/logs?from=", from, "&take=100")));
    ++cost->requests;
    const absl::string_view last = LastIdOf(easy.body());
    if (last.empty()) return absl::OkStatus();
    from = std::string(last);
    on_page();
  }
}

// Counts the pages that are read and not yet sent.
class PageCount {
 public:
  void Add() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return count_ < kPagesAhead; });
    ++count_;
    changed_.notify_all();
  }
  void End() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  bool Take() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return count_ > 0 || ended_; });
    if (count_ == 0) return false;
    --count_;
    changed_.notify_all();
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
  bool ended_ = false;
};

}  // namespace

absl::StatusOr<BareClient> BareClient::Make(const SandboxProcess& sandbox,
                                            const std::string& ca_file) {
  std::map<std::string, std::string> settings;
  for (const auto& [name, value] : sandbox.Environment()) settings[name] = value;
  BareClient client;
  client.url_ = sandbox.url();
  client.ca_file_ = ca_file;
  client.write_key_ = settings["SEGMENT_KEY"];
  Easy easy(ca_file);
  easy.AddHeader("Content-Type: application/json");
  RETURN_IF_ERROR(
      easy.Post(absl::StrCat(client.url_, "/oauth/token"),
                absl::StrCat(R"({"grant_type":"client_credentials","client_id":")",
                             settings["AUTH0_CLIENT_ID"], R"(","client_secret":")",
                             settings["AUTH0_CLIENT_SECRET"], R"(","audience":")",
                             settings.contains("AUTH0_AUDIENCE")
                                 ? settings["AUTH0_AUDIENCE"]
                                 : absl::StrCat("https://", settings["AUTH0_DOMAIN"], "/api/v2/"),
                             R"("})")));
  ASSIGN_OR_RETURN(const JsonValue answer, JsonValue::Parse(easy.body()));
  client.token_ = std::string(answer["access_token"].String());
  return client;
}

absl::StatusOr<BareCost> BareClient::WalkChain() const {
  BareCost cost;
  Easy easy(ca_file_);
  easy.AddHeader("Authorization: Bearer " + token_);
  const absl::Time start = absl::Now();
  const double cpu = ThreadCpuSeconds();
  RETURN_IF_ERROR(Walk(easy, url_, &cost, [] {}));
  cost.cpu_seconds = ThreadCpuSeconds() - cpu;
  cost.seconds = absl::ToDoubleSeconds(absl::Now() - start);
  return cost;
}

absl::StatusOr<BareCost> BareClient::Relay() const {
  ASSIGN_OR_RETURN(const std::string batch, FirstPageAsBatch());
  BareCost cost;
  PageCount pages;
  absl::Status sent;
  double sender_cpu = 0;
  std::int64_t posts = 0;
  const absl::Time start = absl::Now();
  std::thread sender([&] {
    Easy easy(ca_file_);
    easy.AddHeader("Content-Type: application/json");
    while (pages.Take()) {
      if (sent.ok()) sent = easy.Post(url_ + "/v1/batch", batch);
      ++posts;
    }
    sender_cpu = ThreadCpuSeconds();
  });
  Easy easy(ca_file_);
  easy.AddHeader("Authorization: Bearer " + token_);
  const double cpu = ThreadCpuSeconds();
  const absl::Status walked = Walk(easy, url_, &cost, [&] { pages.Add(); });
  pages.End();
  cost.cpu_seconds = ThreadCpuSeconds() - cpu;
  sender.join();
  RETURN_IF_ERROR(walked);
  RETURN_IF_ERROR(sent);
  cost.seconds = absl::ToDoubleSeconds(absl::Now() - start);
  cost.cpu_seconds += sender_cpu;
  cost.requests += posts;
  return cost;
}

absl::StatusOr<std::string> BareClient::FirstPageAsBatch() const {
  Easy easy(ca_file_);
  easy.AddHeader("Authorization: Bearer " + token_);
  RETURN_IF_ERROR(easy.Get(
      absl::StrCat(url_, "/api/v2/logs?from=", SyntheticLogId(absl::UnixEpoch()), "&take=100")));
  std::string body = easy.body();
  body.reserve(body.size() + 64);
  ASSIGN_OR_RETURN(const Page page, PageDecoder().DecodeArray(std::move(body)));
  SegmentSettings settings;
  settings.message_namespace = "0123456789abcdef";
  const auto mapper = MakeEventMapper(settings, {}, {}, "tenant.example.com");
  std::string batch = "{\"batch\":[";
  std::vector<std::uint32_t> sizes;
  for (const Log& log : page.logs) {
    if (!sizes.empty()) batch += ',';
    mapper->Map(log, nullptr, &batch, &sizes);
  }
  absl::StrAppend(&batch, R"(],"sentAt":"2026-11-23T00:00:00.000Z","writeKey":")", write_key_,
                  "\"}");
  return batch;
}

}  // namespace logexport::bench

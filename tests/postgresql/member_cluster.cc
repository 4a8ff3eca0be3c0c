#include "tests/postgresql/member_cluster.h"

#include <csignal>
#include <cstdlib>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "logexport/v1/service.pb.h"
#include "tests/e2e/installation.h"
#include "tests/support/await.h"
#include "tests/support/http_client.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;

}  // namespace

MemberCluster::MemberCluster(Options options) : options_(std::move(options)) {
  WriteFile(key_file_, "key-1 MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n");
  chmod(key_file_.c_str(), 0600);
  std::vector<std::string> flags = options_.sandbox_flags;
  flags.insert(flags.end(), {"--generate", absl::StrCat(options_.logs)});
  absl::StatusOr<std::unique_ptr<SandboxProcess>> sandbox = SandboxProcess::Start(flags);
  if (!sandbox.ok()) {
    ADD_FAILURE() << sandbox.status();
    std::abort();
  }
  sandbox_ = *std::move(sandbox);
  std::map<std::string, std::string> given;
  for (const auto& [name, value] : sandbox_->Environment()) given[name] = value;
  secrets_ = {{"CLUSTER_SECRET", given["AUTH0_CLIENT_SECRET"]},
              {"CLUSTER_KEY", given["SEGMENT_KEY"]}};
  std::string config = "exporters:\n";
  for (int i = 0; i < options_.exporters; ++i) {
    absl::StrAppend(
        &config, "  - id: ", Exporter(i), "\n    schedule: {cron: \"", options_.cron,
        "\"}\n    auth0: {domain: ", given["AUTH0_DOMAIN"], ", base_url: ", given["AUTH0_BASE_URL"],
        ", client_id: ", given["AUTH0_CLIENT_ID"], ", audience: \"", given["AUTH0_AUDIENCE"],
        "\", client_secret: \"env:CLUSTER_SECRET\", rate_limit_reserve_percent: 0}\n",
        "    segment: {endpoint: ", given["SEGMENT_ENDPOINT"],
        ", write_key: \"env:CLUSTER_KEY\", max_events_per_second: 0}\n");
  }
  WriteFile(config_file_, config);
  processes_.resize(index(options_.members));
  clients_.resize(index(options_.members));
}

void MemberCluster::Start(int member, const ServiceProcess::Environment& more) {
  ServiceProcess::Environment environment = secrets_;
  environment.insert(environment.end(), more.begin(), more.end());
  absl::StatusOr<std::unique_ptr<ServiceProcess>> started = ServiceProcess::Start(
      options_.states.empty() ? url_ : options_.states[index(member)], environment,
      {"--secret-key-file", key_file_, "--config", config_file_});
  if (!started.ok()) {
    ADD_FAILURE() << started.status();
    std::abort();
  }
  processes_[index(member)] = *std::move(started);
  client::ConnectionOptions options;
  options.server = processes_[index(member)]->address();
  clients_[index(member)] = *client::Client::Connect(options);
}

int MemberCluster::Stop(int member) {
  Signal(member, SIGTERM);
  return processes_[index(member)]->process().Wait(absl::Seconds(20)).value_or(-1);
}

void MemberCluster::Kill(int member) {
  Signal(member, SIGKILL);
  processes_[index(member)]->process().Wait(absl::Seconds(10));
}

std::string MemberCluster::Query(const std::string& sql) const {
  if (options_.query) return options_.query(sql);
  const std::string schema = url_.substr(url_.rfind('D') + 1);
  return PostgresqlServer::Shared().Query(absl::StrCat("SET search_path = ", schema, "; ", sql));
}

std::map<std::string, double> MemberCluster::Metrics(int member) {
  const HttpReply reply =
      HttpGet("http://" + processes_[index(member)]->http_address(), "/metrics");
  EXPECT_EQ(reply.status, 200);
  std::map<std::string, double> values;
  for (const absl::string_view line : absl::StrSplit(reply.body, '\n', absl::SkipEmpty())) {
    if (absl::StartsWith(line, "#")) continue;
    const std::size_t blank = line.rfind(' ');
    EXPECT_TRUE(
        absl::SimpleAtod(line.substr(blank + 1), &values[std::string(line.substr(0, blank))]));
  }
  return values;
}

int MemberCluster::OwnerOf(const std::string& exporter) {
  const std::string name = Query(
      absl::StrCat("SELECT name FROM checkpoints JOIN members ON member_id = owner WHERE "
                   "exporter = '",
                   exporter, "' AND expires > extract(epoch FROM clock_timestamp()) * 1000000"));
  for (int i = 0; i < options_.members; ++i) {
    if (processes_[index(i)] == nullptr) continue;
    const std::string end = absl::StrCat(":", processes_[index(i)]->process().pid());
    if (name.size() > end.size() && name.substr(name.size() - end.size()) == end) return i;
  }
  return -1;
}

int MemberCluster::NotOwnerOf(const std::string& exporter) {
  return (OwnerOf(exporter) + 1) % options_.members;
}

void MemberCluster::AwaitAllOwned() {
  EXPECT_TRUE(Await([&] {
    for (int i = 0; i < options_.exporters; ++i) {
      if (OwnerOf(Exporter(i)) < 0) return false;
    }
    return true;
  }));
}

v1::Report MemberCluster::Run(int member, const std::string& exporter) {
  v1::RunNowRequest request;
  request.set_exporter(exporter);
  const absl::StatusOr<v1::RunNowResponse> started = client(member).Call(&Stub::RunNow, request);
  EXPECT_THAT(started, IsOk());
  if (!started.ok()) return {};
  const absl::StatusOr<v1::Report> report =
      client(member).WaitForRun(exporter, started->run().run_id(), absl::Minutes(1));
  EXPECT_THAT(report, IsOk()) << Logs(member);
  return report.ok() ? *report : v1::Report();
}

std::int64_t MemberCluster::ExpectAllArrived(int logs) {
  EXPECT_EQ(sandbox_->Stat({"auth0", "logs"}), logs);
  std::map<std::string, std::set<std::string>> ids_of;
  for (const auto& [log_id, event] : ArrivedEvents(*sandbox_)) {
    ids_of[log_id].insert(event.message_id);
  }
  EXPECT_EQ(ids_of.size(), static_cast<std::size_t>(logs));
  int wrong = 0;
  for (const auto& [log_id, of_log] : ids_of) {
    if (of_log.size() == static_cast<std::size_t>(options_.exporters)) continue;
    if (++wrong <= 5) ADD_FAILURE() << log_id << " arrived under " << of_log.size() << " ids";
  }
  EXPECT_EQ(wrong, 0);
  return sandbox_->Stat({"segment", "duplicates"});
}

}  // namespace logexport

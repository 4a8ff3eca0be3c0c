#include "tests/faults/whole_export.h"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/auth0/tenant_log_source.h"
#include "service/base/random.h"
#include "service/base/status_macros.h"
#include "service/export/stretch_reader.h"
#include "service/http/curl_transport.h"
#include "service/runs/lag.h"
#include "service/runs/lifecycle.h"
#include "service/runs/run_warnings.h"
#include "service/segment/batch_sink.h"
#include "service/segment/event_mapper.h"
#include "service/state/engines/open_store.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

// One for all: reading the system's authorities takes longer than most tests.
HttpTransport& Curl() {
  static HttpTransport* const transport = [] {
    EXPECT_THAT(InitHttp(), IsOk());
    auto made = MakeCurlTransport(CurlOptions());
    EXPECT_THAT(made, IsOk());
    return made.ok() ? made->release() : nullptr;
  }();
  return *transport;
}

// In memory where that can be had: what is tried here is not whether commits outlast a power cut,
// and waiting for the disk would take two thirds of the time.
std::string MakeDirectory() {
  std::string path = std::filesystem::is_directory("/dev/shm") ? "/dev/shm/" : testing::TempDir();
  path += "logexport-XXXXXX";
  EXPECT_NE(mkdtemp(path.data()), nullptr);
  return path;
}

// Without a webhook there is nothing to tell anybody.
Notifiers NoNotifiers() {
  class None final : public Notifier {
    std::string RunFailed(const RunNews&, bool) const override { return ""; }
    std::string Recovered(const RunNews&) const override { return ""; }
    std::string RunSucceeded(const RunNews&) const override { return ""; }
    std::string Silence(const SilenceNews&) const override { return ""; }
    std::string SilenceOver(const SilenceNews&) const override { return ""; }
    std::string DailyReport(const DailyNews&) const override { return ""; }
    std::string Test(absl::string_view, const Route&, const Audit&) const override { return ""; }
    Outcome Deliver(const Receiver&, absl::string_view, std::stop_token) override { return {}; }
  };
  static None none;
  return {none, none, ""};
}

}  // namespace

sandbox::SandboxOptions WholeExport::Tenant(std::size_t logs) {
  sandbox::SandboxOptions options;
  options.generate = logs;
  options.segment.strict = true;
  return options;
}

WholeExport::WholeExport(sandbox::SandboxOptions options) : directory_(MakeDirectory()) {
  options.clock = &clock_;
  detours_ = std::make_unique<DetourTransport>(Curl(), clock_);
  auto started = sandbox::Sandbox::Start(options);
  EXPECT_THAT(started, IsOk());
  sandbox_ = *std::move(started);

  settings.exporter = "default";
  settings.auth0.base_url = sandbox_->url();
  settings.auth0.audience = absl::StrCat("https://", options.auth0.domain, "/api/v2/");
  settings.auth0.client_id = options.auth0.client_id;
  settings.auth0.client_secret = options.auth0.client_secret;
  settings.segment.base_url = sandbox_->url();
  settings.segment.write_key = options.segment.write_key;
  settings.segment.message_namespace = "0123456789abcdef";
  Reconfigure();

  OpenStore();
  NewExporter exporter;
  exporter.record.id = settings.exporter;
  exporter.record.created = clock_.Now();
  exporter.config = "{}";
  EXPECT_THAT(
      store_->Write([&](Transaction& tx) { return tx.CreateExporter(exporter, /*revive=*/false); }),
      IsOk());
}

WholeExport::~WholeExport() {
  store_.reset();
  std::filesystem::remove_all(directory_);
}

void WholeExport::Reconfigure() {
  components_ = std::make_shared<ExporterComponents>();
  Auth0Sources sources = MakeAuth0Sources(settings.auth0, settings.profile, *detours_, clock_);
  components_->source = std::move(sources.logs);
  components_->profiles = std::move(sources.profiles);
  components_->sink = MakeSegmentSink(settings.segment, *detours_, clock_);
}

void WholeExport::OpenStore() {
  store_.reset();
  StoreOptions options;
  options.url = absl::StrCat("sqlite:", directory_, "/state.db");
  options.fault = [this](absl::string_view operation) {
    return store_fault_ ? store_fault_(operation) : absl::OkStatus();
  };
  auto opened = logexport::OpenStore(options, clock_);
  EXPECT_THAT(opened, IsOk());
  store_ = *std::move(opened);
}

ExportRunInputs WholeExport::Prepare(
    const std::function<void(RunRecord&, ExporterSettings&)>& adjust) {
  ExportRunInputs inputs;
  inputs.run.run_id = absl::StrCat("run", runs_++);
  inputs.run.exporter = settings.exporter;
  inputs.run.state = RunState::kRunning;
  inputs.run.created = clock_.Now();
  inputs.run.started = clock_.Now();
  inputs.run.epoch = store_->EpochOf("default");
  inputs.settings = settings;
  if (adjust != nullptr) adjust(inputs.run, inputs.settings);
  EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const ExporterRecord record, tx.GetExporter(settings.exporter));
    ASSIGN_OR_RETURN(inputs.checkpoint, tx.GetCheckpoint(settings.exporter));
    inputs.last_caught_up = record.last_caught_up;
    inputs.refused_by = record.refused_by;
    AddStartWarnings(record, inputs.checkpoint, inputs.settings, clock_.Now(), &inputs.run);
    inputs.run.checkpoint_before = inputs.checkpoint.position;
    inputs.run.checkpoint_after = inputs.checkpoint.position;
    ASSIGN_OR_RETURN(inputs.run, tx.AddRun(inputs.run));
    return absl::OkStatus();
  }),
              IsOk());
  inputs.components = components_;
  inputs.mapper =
      MakeEventMapper(settings.segment, settings.privacy, settings.profile, "sandbox.auth0.test");
  return inputs;
}

void WholeExport::RunAndDie(RunKind kind, int operations) {
  ExportRunInputs inputs =
      Prepare([&](RunRecord& run, ExporterSettings&) { run.parameters.kind = kind; });
  std::atomic<int> left = operations;
  store_fault_ = [&left](absl::string_view) {
    return left-- > 0 ? absl::OkStatus() : absl::DataLossError("the process has died");
  };
  ExportRun(std::move(inputs), {*store_, clock_, SystemRandom(), [](const RunRecord&) {}})
      .Execute();
  store_fault_ = nullptr;
  OpenStore();
  EXPECT_THAT(store_->Write([&](Transaction& tx) {
    return InterruptUnfinished(tx, settings.exporter, store_->EpochOf("default"),
                               Announcer(NoNotifiers()), settings.notifications, clock_.Now());
  }),
              IsOk());
}

bool WholeExport::StretchIsDue() {
  StretchReader reader(*store_, settings.exporter, settings.completeness, settings.auth0.retention,
                       settings.auth0.batch_size);
  const auto due = reader.NextDue(components_->source->Now());
  EXPECT_THAT(due, IsOk());
  EXPECT_THAT(store_->Write([&](Transaction& tx) {
    return tx.RecordPasses(settings.exporter, reader.PassesAfter(0), 0, clock_.Now());
  }),
              IsOk());
  return due.ok() && due->has_value();
}

std::optional<CompletenessRecord> WholeExport::completeness() {
  std::optional<CompletenessRecord> record;
  EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(record, tx.GetCompleteness(settings.exporter));
    return absl::OkStatus();
  }),
              IsOk());
  return record;
}

std::int64_t WholeExport::remembered() {
  std::int64_t logs = 0;
  EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<RememberedStretch> stretches,
                     tx.ListRemembered(settings.exporter, absl::UnixEpoch(), 100'000));
    for (const RememberedStretch& stretch : stretches) logs += stretch.logs;
    return absl::OkStatus();
  }),
              IsOk());
  return logs;
}

RunRecord WholeExport::Run(const std::function<void(RunRecord&, ExporterSettings&)>& adjust) {
  ExportRunResult result =
      ExportRun(Prepare(adjust), {*store_, clock_, SystemRandom(), [](const RunRecord&) {}})
          .Execute();
  caught_up_at_ = result.caught_up_at;
  EXPECT_THAT(store_->Write([&](Transaction& tx) {
    return FinishRun(tx, &result, Announcer(NoNotifiers()), settings.notifications, clock_.Now());
  }),
              IsOk());
  ExpectNothingLost(result.run);
  return std::move(result.run);
}

void WholeExport::ExpectNothingLost(const RunRecord& run) {
  const Ledger& ledger = run.ledger;
  EXPECT_TRUE(ledger.balanced());
  LogCounts by_type;
  for (const auto& [type, counts] : ledger.by_type) by_type += counts;
  EXPECT_EQ(by_type, ledger.logs);
  EXPECT_LE(ledger.accepted_ahead, ledger.unsettled);
  EXPECT_EQ(run.first_unsettled.empty(), ledger.unsettled == 0) << run.first_unsettled;
  if (run.state == RunState::kSucceeded) {
    EXPECT_EQ(ledger.unsettled, 0);
    EXPECT_FALSE(run.error.has_value());
  }
  if (run.parameters.kind != RunKind::kExport) return;
  const Position position = checkpoint().position;
  EXPECT_EQ(run.checkpoint_after, position);
  if (position.kind != Position::Kind::kAfter || has_late_logs) return;
  EXPECT_THAT(MissingLogs(), testing::Each(testing::Gt(position.id)));
}

ExporterRecord WholeExport::record() {
  ExporterRecord record;
  EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(record, tx.GetExporter(settings.exporter));
    return absl::OkStatus();
  }),
              IsOk());
  return record;
}

std::optional<absl::Duration> WholeExport::Lag() {
  return LagOf(record(), checkpoint(), settings.auth0.settle_delay, clock_.Now());
}

Checkpoint WholeExport::checkpoint() {
  Checkpoint checkpoint;
  EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(checkpoint, tx.GetCheckpoint(settings.exporter));
    return absl::OkStatus();
  }),
              IsOk());
  return checkpoint;
}

void WholeExport::SetCheckpoint(const Position& position) {
  EXPECT_THAT(store_->Write([&](Transaction& tx) {
    return tx.SetCheckpoint(settings.exporter, position, clock_.Now(), {"op", true, ""}).status();
  }),
              IsOk());
}

std::vector<DeadLetter> WholeExport::dead_letters() {
  std::vector<DeadLetter> letters;
  DeadLetterFilter filter;
  filter.exporter = settings.exporter;
  EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(letters, tx.ListDeadLetters(filter, 10'000, ""));
    return absl::OkStatus();
  }),
              IsOk());
  return letters;
}

std::vector<std::string> WholeExport::MissingLogs() {
  // One without an id is kept under a made-up one.
  std::set<std::string> dead;
  for (const DeadLetter& letter : dead_letters()) dead.insert({letter.log_id, letter.raw});
  const std::vector<std::string> kept = sandbox_->LogIds(sandbox_->stats().expired_logs, 1);
  std::vector<std::string> missing;
  for (std::string& id : sandbox_->MissingLogs(SIZE_MAX).log_ids) {
    if (kept.empty() || id < kept.front()) continue;
    if (dead.contains(id) || dead.contains(*sandbox_->LogById(id))) continue;
    missing.push_back(std::move(id));
  }
  return missing;
}

std::vector<std::string> WarningsOf(const RunRecord& run) {
  std::vector<std::string> codes;
  for (const RunWarning& warning : run.warnings) codes.push_back(warning.code);
  return codes;
}

}  // namespace logexport

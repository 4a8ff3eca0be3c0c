#include "service/runs/metrics_sampler.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/runs/completeness_state.h"
#include "service/runs/lag.h"
#include "service/runs/trusted_time.h"

namespace logexport {
namespace {

// Of the time, reading for scrapes takes a tenth at most, however many exporters there are.
constexpr int kRestPerRead = 9;
constexpr absl::Duration kLeastRest = absl::Seconds(1);

std::optional<double> UnixSeconds(const std::optional<absl::Time>& time) {
  if (!time.has_value()) return std::nullopt;
  return static_cast<double>(absl::ToUnixMicros(*time)) / 1e6;
}

std::optional<absl::Time> CheckpointTime(const Checkpoint& checkpoint) {
  if (checkpoint.log_time.has_value()) return checkpoint.log_time;
  return TimeOfLogId(checkpoint.position.id);
}

}  // namespace

ServiceSample MetricsSampler::Sample() {
  MutexLock lock(&mutex_);
  Refresh();
  ServiceSample sample = last_;
  // While the store cannot be read, what was read may be of an ownership that is over.
  std::erase_if(sample.exporters, [this](const ExporterSample& exporter) {
    return environment_.store.EpochOf(exporter.exporter) == 0;
  });
  if (const Members* const members = environment_.store.members(); members != nullptr) {
    sample.lease_trust_seconds = absl::ToDoubleSeconds(members->TrustLeft());
  }
  return sample;
}

void MetricsSampler::Refresh() {
  const absl::Duration begun = environment_.clock.Monotonic();
  if (begun < read_again_) return;
  ServiceSample sample;
  if (const absl::Status status = Read(&sample); status.ok()) {
    last_ = std::move(sample);
  } else {
    LogWarning("cannot read the store for metrics", {{"error", status}});
    last_.store_readable = false;
  }
  const absl::Duration took = environment_.clock.Monotonic() - begun;
  read_again_ = begun + took + std::max(kLeastRest, took * kRestPerRead);
}

void MetricsSampler::Forget() {
  MutexLock lock(&mutex_);
  read_again_ = -absl::InfiniteDuration();
}

absl::Status MetricsSampler::Read(ServiceSample* sample) {
  const absl::Time now = TrustedNow(environment_.clock, environment_.components);
  sample->runs_waiting = static_cast<std::int64_t>(environment_.threads.runs.waiting());
  sample->clock_skew_seconds = absl::ToDoubleSeconds(environment_.components.HostClockSkew());
  // In many short transactions, since a long one would keep the store's log from being shortened.
  std::vector<ExporterRecord> exporters;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(exporters, tx.ListExporters());
    ASSIGN_OR_RETURN(const std::vector<OutboxMessage> oldest,
                     tx.DueOutbox(now + kLongestOutboxDelay, 1));
    if (!oldest.empty()) {
      sample->outbox_oldest_seconds =
          std::max(0.0, absl::ToDoubleSeconds(now - oldest.front().created));
    }
    ASSIGN_OR_RETURN(const AuditHead audit, tx.GetAuditHead());
    sample->audit_entries = audit.sequence;
    ASSIGN_OR_RETURN(sample->secret_rows, tx.CountSecretsByKey());
    ASSIGN_OR_RETURN(const OwnershipCount ownership, tx.CountOwnership());
    sample->members = ownership.members;
    sample->unowned_exporters = ownership.unowned;
    return absl::OkStatus();
  }));
  std::map<std::string, Known> still_known;
  for (const ExporterRecord& exporter : exporters) {
    // Of each exporter its owner tells.
    if (environment_.store.EpochOf(exporter.id) == 0) continue;
    const absl::Status status = environment_.store.Read([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(ExporterSample one, SampleOf(tx, exporter, now));
      sample->exporters.push_back(std::move(one));
      return absl::OkStatus();
    });
    // It was deleted a moment ago.
    if (absl::IsNotFound(status)) continue;
    RETURN_IF_ERROR(status);
    still_known[exporter.id] = std::move(known_[exporter.id]);
  }
  known_ = std::move(still_known);
  return absl::OkStatus();
}

absl::StatusOr<ExporterSample> MetricsSampler::SampleOf(Transaction& tx,
                                                        const ExporterRecord& exporter,
                                                        absl::Time now) {
  Known& known = known_[exporter.id];
  if (!known.config.has_value() || known.config_version != exporter.config_version) {
    ASSIGN_OR_RETURN(known.config, LoadConfig(tx, exporter.id));
    known.config_version = exporter.config_version;
  }
  LoadedConfig& config = *known.config;
  config.exporter = exporter;
  ExporterSample sample;
  sample.exporter = exporter.id;
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(exporter.id));
  if (const auto lag = LagOf(exporter, checkpoint, config.settle_delay, now)) {
    sample.lag_seconds = absl::ToDoubleSeconds(*lag);
  }
  sample.checkpoint_time = UnixSeconds(CheckpointTime(checkpoint));
  sample.last_success_time = UnixSeconds(exporter.last_success);
  sample.last_caught_up_time = UnixSeconds(exporter.last_caught_up);
  ASSIGN_OR_RETURN(const CompletenessState completeness,
                   CompletenessOf(tx, config, checkpoint, now));
  sample.confirmed_time = UnixSeconds(completeness.confirmed_until);
  DeadLetterFilter letters;
  letters.exporter = exporter.id;
  ASSIGN_OR_RETURN(sample.dead_letters, tx.CountDeadLetters(letters));
  sample.consecutive_failures = exporter.consecutive_failures;
  sample.paused = exporter.pause.has_value();
  if (config.retention > absl::ZeroDuration()) {
    sample.retention_seconds = absl::ToDoubleSeconds(config.retention);
  }
  const absl::Time next = config.schedule.NextAfter(environment_.clock.Now());
  const absl::Time following = config.schedule.NextAfter(next);
  if (following < absl::InfiniteFuture()) {
    sample.schedule_period_seconds = absl::ToDoubleSeconds(following - next);
  }
  const std::shared_ptr<ExporterComponents> components = environment_.components.Find(exporter.id);
  if (components != nullptr) {
    if (const RateBudget budget = components->source->rate_budget(); budget.limit > 0) {
      sample.rate_limit = static_cast<double>(budget.limit);
      sample.rate_remaining = static_cast<double>(budget.remaining);
    }
  }
  return sample;
}

}  // namespace logexport

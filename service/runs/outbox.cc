#include "service/runs/outbox.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "service/base/crash_point.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/config/stored_config.h"

namespace logexport {
namespace {

constexpr absl::Duration kPeriodicInterval = absl::Minutes(1);
constexpr int kMessagesPerRound = 20;

// News older than this is no news. A daily report is news until the next one.
absl::Duration LifeOf(const OutboxMessage& message) {
  return message.kind == kDailyReportMessage ? absl::Hours(24) : absl::Hours(1);
}

}  // namespace

Outbox::Outbox(Store& store, Clock& clock, const SecretResolver& secrets,
               const Announcer& announcer, Notifier& notifier)
    : store_(store), clock_(clock), secrets_(secrets), announcer_(announcer), notifier_(notifier) {}

Outbox::~Outbox() { Stop(); }

void Outbox::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Outbox::Wake() {
  MutexLock lock(&mutex_);
  wake_.request_stop();
}

void Outbox::Stop() {
  stop_.request_stop();
  Wake();
  if (thread_.joinable()) thread_.join();
}

void Outbox::Loop() {
  absl::Time next_periodic = absl::InfinitePast();
  while (!stop_.stop_requested()) {
    std::stop_token wake;
    {
      MutexLock lock(&mutex_);
      wake_ = std::stop_source();
      wake = wake_.get_token();
    }
    // A Stop between the check above and the exchange of the source would not be seen by the sleep.
    if (stop_.stop_requested()) return;
    if (clock_.Now() >= next_periodic) {
      AnnouncePeriodic();
      next_periodic = clock_.Now() + kPeriodicInterval;
    }
    const absl::Time next = std::min(DeliverDue(), next_periodic);
    clock_.SleepFor(std::min(next - clock_.Now(), kPeriodicInterval), wake);
  }
}

void Outbox::AnnouncePeriodic() {
  std::vector<ExporterRecord> exporters;
  const absl::Status listed = store_.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(exporters, tx.ListExporters());
    return absl::OkStatus();
  });
  if (!listed.ok()) {
    LogError("cannot look for silent exporters", {{"error", listed}});
    return;
  }
  for (const ExporterRecord& exporter : exporters) {
    const absl::Status status = store_.Write([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const LoadedConfig config, LoadConfig(tx, exporter.id));
      return announcer_
          .Periodic(tx, config.exporter, config.schedule,
                    LoadSlackSettings(config.version, secrets_), config.settle_delay, clock_.Now())
          .status();
    });
    if (!status.ok()) {
      LogError("cannot look whether an exporter is silent",
               {{"exporter", exporter.id}, {"error", status}});
    }
  }
}

absl::Time Outbox::DeliverDue() {
  struct Due {
    OutboxMessage message;
    std::string webhook;
  };
  std::vector<Due> due;
  const absl::Time now = clock_.Now();
  const absl::Status read = store_.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(std::vector<OutboxMessage> messages, tx.DueOutbox(now, kMessagesPerRound));
    for (OutboxMessage& message : messages) {
      const absl::StatusOr<ConfigVersion> config = tx.GetConfig(message.exporter);
      std::string webhook;
      if (config.ok()) webhook = LoadSlackSettings(*config, secrets_).webhook;
      due.push_back({std::move(message), std::move(webhook)});
    }
    return absl::OkStatus();
  });
  if (!read.ok()) {
    LogError("cannot read the messages to send", {{"error", read}});
    return now + kPeriodicInterval;
  }
  for (const Due& item : due) {
    if (stop_.stop_requested()) return now;
    const OutboxMessage& message = item.message;
    Notifier::Outcome delivery;
    if (item.webhook.empty()) {
      delivery.result = Notifier::Result::kRefused;
      delivery.answer = "no Slack webhook is configured any more";
    } else if (now - message.created > LifeOf(message)) {
      delivery.result = Notifier::Result::kRefused;
      delivery.answer =
          absl::StrCat("it could not be delivered for ", absl::FormatDuration(LifeOf(message)));
    } else {
      CrashPoint("before_notify");
      delivery = notifier_.Deliver(item.webhook, message.payload, stop_.get_token());
      CrashPoint("after_notify");
      if (stop_.stop_requested() && delivery.result != Notifier::Result::kSent) return now;
    }
    if (delivery.result != Notifier::Result::kSent) {
      LogWarning(delivery.result == Notifier::Result::kTryLater
                     ? "Slack did not take a message; trying again"
                     : "a message to Slack was given up",
                 {{"exporter", message.exporter},
                  {"kind", message.kind},
                  {"http_status", delivery.http_status},
                  {"answer", delivery.answer}});
    }
    const absl::Status status = store_.Write([&](Transaction& tx) {
      return delivery.result == Notifier::Result::kTryLater
                 ? tx.RescheduleOutbox(message.id, clock_.Now() + delivery.retry_after)
                 : tx.DeleteOutbox(message.id);
    });
    if (!status.ok()) {
      LogError("cannot put a delivered message on record", {{"error", status}});
      return now + kPeriodicInterval;
    }
  }
  if (due.size() == static_cast<std::size_t>(kMessagesPerRound)) return now;
  absl::Time next = absl::InfiniteFuture();
  const absl::Status status = store_.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::optional<absl::Time> time, tx.NextOutbox());
    if (time.has_value()) next = *time;
    return absl::OkStatus();
  });
  return status.ok() ? next : now + kPeriodicInterval;
}

}  // namespace logexport

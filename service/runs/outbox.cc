#include "service/runs/outbox.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "service/base/crash_point.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/config/loaded_config.h"
#include "service/runs/trusted_time.h"

namespace logexport {
namespace {

constexpr absl::Duration kPeriodicInterval = absl::Minutes(1);
constexpr int kMessagesPerRound = 20;
// How soon a message is looked at again that was not this process's to deliver.
constexpr absl::Duration kOwnershipPause = absl::Seconds(5);

// A message that could not be delivered for so long is given up. A daily report is of use until the
// next one.
absl::Duration LifeOf(const OutboxMessage& message) {
  return message.kind == kDailyReportMessage ? absl::Hours(24) : absl::Hours(1);
}

}  // namespace

absl::Status NoteDelivery(Transaction& tx, absl::string_view exporter, NotificationChannel channel,
                          const Notifier::Outcome& delivery, absl::Time now) {
  absl::StatusOr<ExporterRecord> record = tx.GetExporter(exporter);
  if (absl::IsNotFound(record.status())) return absl::OkStatus();
  RETURN_IF_ERROR(record.status());
  const bool slack = channel == NotificationChannel::kSlack;
  std::optional<absl::Time>& since =
      slack ? record->slack_failing_since : record->webhook_failing_since;
  std::string& failure = slack ? record->slack_failure : record->webhook_failure;
  if (delivery.result == Notifier::Result::kSent) {
    if (!since.has_value()) return absl::OkStatus();
    since.reset();
    failure.clear();
  } else {
    if (!since.has_value()) since = now;
    failure = delivery.answer;
  }
  return tx.UpdateExporter(*record);
}

Outbox::Outbox(Store& store, Clock& clock, ComponentCache& components,
               const SecretResolver& secrets, const Announcer& announcer, Notifiers notifiers,
               ServiceMetrics& metrics)
    : store_(store),
      clock_(clock),
      components_(components),
      secrets_(secrets),
      announcer_(announcer),
      notifiers_(std::move(notifiers)),
      metrics_(metrics) {}

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
  absl::Duration next_periodic = -absl::InfiniteDuration();
  while (!stop_.stop_requested()) {
    std::stop_token wake;
    {
      MutexLock lock(&mutex_);
      wake_ = std::stop_source();
      wake = wake_.get_token();
    }
    // Stop may have come after the check above and before the new stop source: the sleep would miss
    // it.
    if (stop_.stop_requested()) return;
    // Counted on the monotonic clock: a wall clock that is set back must not put this off.
    if (clock_.Monotonic() >= next_periodic) {
      AnnouncePeriodic();
      next_periodic = clock_.Monotonic() + kPeriodicInterval;
    }
    const absl::Duration until_delivery = DeliverDue() - TrustedNow(clock_, components_);
    clock_.SleepFor(std::min(until_delivery, next_periodic - clock_.Monotonic()), wake);
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
  const absl::Time now = TrustedNow(clock_, components_);
  std::map<std::string, std::int64_t> untold;
  untold.swap(untold_);
  for (const ExporterRecord& exporter : exporters) {
    if (stop_.stop_requested()) return;
    const std::int64_t epoch = store_.EpochOf(exporter.id);
    if (!store_.CheckOwnership(exporter.id, epoch).ok()) continue;
    const auto known = untold.find(exporter.id);
    if (known != untold.end() && known->second == exporter.config_version) {
      untold_.insert(untold_.end(), *known);
      continue;
    }
    const absl::Status status = AnnounceFor(exporter, epoch, now);
    if (!status.ok() && CommitRefusalOf(status) != CommitRefusal::kLeaseLost) {
      LogError("cannot look whether an exporter is silent",
               {{"exporter", exporter.id}, {"error", status}});
    }
  }
}

absl::Status Outbox::AnnounceFor(const ExporterRecord& exporter, std::int64_t epoch,
                                 absl::Time now) {
  bool due = false;
  RETURN_IF_ERROR(store_.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const LoadedConfig config, LoadConfig(tx, exporter.id));
    if (!NamesReceivers(config.version)) {
      untold_[exporter.id] = config.version.version;
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(due,
                     announcer_.PeriodicIsDue(tx, config.exporter, config.schedule,
                                              LoadNotifications(config.version, secrets_), now));
    return absl::OkStatus();
  }));
  if (!due) return absl::OkStatus();
  return store_.Write([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.RequireOwner(exporter.id, epoch));
    ASSIGN_OR_RETURN(const LoadedConfig config, LoadConfig(tx, exporter.id));
    return announcer_
        .Periodic(tx, config.exporter, config.schedule, LoadNotifications(config.version, secrets_),
                  config.settle_delay, now)
        .status();
  });
}

absl::Time Outbox::DeliverDue() {
  struct Due {
    OutboxMessage message;
    Notifier::Receiver receiver;
  };
  std::vector<Due> due;
  const absl::Time now = TrustedNow(clock_, components_);
  const absl::Status read = store_.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(std::vector<OutboxMessage> messages, tx.DueOutbox(now, kMessagesPerRound));
    for (OutboxMessage& message : messages) {
      const absl::StatusOr<ConfigVersion> config = tx.GetConfig(message.exporter);
      Notifier::Receiver receiver;
      if (config.ok()) {
        receiver = ReceiverOf(LoadNotifications(*config, secrets_), message.channel);
      }
      due.push_back({std::move(message), std::move(receiver)});
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
    const std::int64_t epoch = store_.EpochOf(message.exporter);
    // Whoever owns the exporter sends its messages.
    if (!store_.CheckOwnership(message.exporter, epoch).ok()) return now + kOwnershipPause;
    // Stored when the clock was ahead; its age is not known, so it gets one attempt.
    const bool ahead = message.created > now + kPeriodicInterval;
    Notifier::Outcome delivery;
    if (item.receiver.url.empty()) {
      delivery.result = Notifier::Result::kRefused;
      delivery.answer = "no webhook is configured any more, or it cannot be read";
    } else if (now - message.created > LifeOf(message)) {
      delivery.result = Notifier::Result::kRefused;
      delivery.answer =
          absl::StrCat("it could not be delivered for ", absl::FormatDuration(LifeOf(message)));
    } else {
      CrashPoint("before_notify");
      delivery =
          notifiers_.Of(message.channel).Deliver(item.receiver, message.payload, stop_.get_token());
      CrashPoint("after_notify");
      if (stop_.stop_requested() && delivery.result != Notifier::Result::kSent) return now;
    }
    if (delivery.result != Notifier::Result::kSent) {
      LogWarning(delivery.result == Notifier::Result::kTryLater
                     ? "a message was not taken; trying again"
                     : "a message was given up",
                 {{"exporter", message.exporter},
                  {"channel", NotificationChannelName(message.channel)},
                  {"kind", message.kind},
                  {"http_status", delivery.http_status},
                  {"answer", delivery.answer}});
    }
    const bool again = delivery.result == Notifier::Result::kTryLater && !ahead;
    metrics_.MessageHandled(NotificationChannelName(message.channel),
                            delivery.result == Notifier::Result::kSent ? "sent"
                            : again                                    ? "retried"
                                                                       : "given_up");
    const absl::Status status = store_.Write([&](Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(again ? tx.RescheduleOutbox(message.id, now + delivery.retry_after)
                            : tx.DeleteOutbox(message.id));
      if (item.receiver.url.empty()) return absl::OkStatus();
      return NoteDelivery(tx, message.exporter, message.channel, delivery, now);
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

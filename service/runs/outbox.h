#ifndef LOGEXPORT_SERVICE_RUNS_OUTBOX_H_
#define LOGEXPORT_SERVICE_RUNS_OUTBOX_H_

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/config/secret_resolver.h"
#include "service/export/notifier.h"
#include "service/runs/announcements.h"
#include "service/runs/component_cache.h"
#include "service/state/store.h"
#include "service/telemetry/service_metrics.h"

namespace logexport {

// Notes in the exporter's record whether the channel's receiver took a message, for the warnings
// SLACK_FAILED and WEBHOOK_FAILED.
absl::Status NoteDelivery(Transaction& tx, absl::string_view exporter, NotificationChannel channel,
                          const Notifier::Outcome& delivery, absl::Time now);

// Delivers the messages of the exporters that this process owns, and once a minute looks whether
// silence or a daily report is to be told of them. It has a thread of its own, so that nothing here
// can change or delay a run.
class Outbox {
 public:
  // All must outlive it.
  Outbox(Store& store, Clock& clock, ComponentCache& components, const SecretResolver& secrets,
         const Announcer& announcer, Notifiers notifiers, ServiceMetrics& metrics);
  ~Outbox();

  void Start();
  // Looks for new messages now.
  void Wake();
  // Breaks off a delivery in progress. What is not delivered yet is delivered after the next start.
  void Stop();

  // Delivers what is due and answers when the next round is. Public for tests without the thread.
  absl::Time DeliverDue();
  void AnnouncePeriodic();

 private:
  void Loop();
  // Looks whether there is something to tell of the exporter, and puts it into the store.
  absl::Status AnnounceFor(const ExporterRecord& exporter, std::int64_t epoch, absl::Time now);

  Store& store_;
  Clock& clock_;
  ComponentCache& components_;
  const SecretResolver& secrets_;
  const Announcer& announcer_;
  const Notifiers notifiers_;
  ServiceMetrics& metrics_;
  // Exporters whose configuration names nobody to tell, and its version: they cost nothing until
  // they have another. Of the thread.
  std::map<std::string, std::int64_t> untold_;
  std::stop_source stop_;
  Mutex mutex_;
  std::stop_source wake_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_OUTBOX_H_

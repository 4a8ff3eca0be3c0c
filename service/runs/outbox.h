#ifndef LOGEXPORT_SERVICE_RUNS_OUTBOX_H_
#define LOGEXPORT_SERVICE_RUNS_OUTBOX_H_

#include <stop_token>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/config/secret_resolver.h"
#include "service/export/notifier.h"
#include "service/runs/announcements.h"
#include "service/state/store.h"

namespace logexport {

// Delivers the messages that the store holds, and once a minute looks whether silence or a daily
// report is to be told. In a thread of its own: nothing here can change or delay a run.
class Outbox {
 public:
  // All must outlive it.
  Outbox(Store& store, Clock& clock, const SecretResolver& secrets, const Announcer& announcer,
         Notifier& notifier);
  ~Outbox();

  void Start();
  // There may be new messages.
  void Wake();
  // Breaks off a delivery in progress; what is not delivered is after the next start.
  void Stop();

  // One round, answering when the next is due. Public for tests that do not want the thread.
  absl::Time DeliverDue();
  void AnnouncePeriodic();

 private:
  void Loop();

  Store& store_;
  Clock& clock_;
  const SecretResolver& secrets_;
  const Announcer& announcer_;
  Notifier& notifier_;
  std::stop_source stop_;
  Mutex mutex_;
  std::stop_source wake_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_OUTBOX_H_

#ifndef LOGEXPORT_TESTS_SUPPORT_GATE_H_
#define LOGEXPORT_TESTS_SUPPORT_GATE_H_

#include "service/base/mutex.h"

namespace logexport {

// Opened once; lets pass whoever waits from then on. How a test orders two threads without
// sleeping. Thread-safe.
class Gate {
 public:
  void Open();

  // False, and a failed test, after a minute of real time.
  bool Wait();

  bool is_open() const;

 private:
  mutable Mutex mutex_;
  CondVar opened_;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SUPPORT_GATE_H_

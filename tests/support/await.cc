#include "tests/support/await.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include <gtest/gtest.h>

namespace logexport {

bool Await(absl::FunctionRef<bool()> done) {
  const absl::Time give_up = absl::Now() + absl::Minutes(1);
  while (!done()) {
    if (absl::Now() > give_up) {
      ADD_FAILURE() << "what was waited for did not come about in a minute";
      return false;
    }
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

}  // namespace logexport

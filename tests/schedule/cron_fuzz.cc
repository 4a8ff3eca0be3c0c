// libFuzzer entry for the cron parser and everything that follows from a rule it accepts. The
// corpus in corpus/cron is replayed as an ordinary test as well.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"

#include "service/schedule/cron.h"
#include "service/schedule/cron_description.h"
#include "service/schedule/next_fire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using logexport::CronExpression;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<CronExpression> expression = logexport::ParseCron(text);
  if (!expression.ok()) {
    for (const char c : expression.status().message()) {
      if (c < ' ' || c > '~') std::abort();  // the message is shown in terminals and in Slack
    }
    return 0;
  }
  if (logexport::DescribeCron(*expression).empty()) std::abort();
  const absl::Time start = absl::FromUnixSeconds(1'700'000'000);
  const absl::Time next = logexport::NextFire(*expression, absl::UTCTimeZone(), start);
  if (next <= start || next == absl::InfiniteFuture()) std::abort();
  // What was accepted once is accepted again as it is stored.
  if (!logexport::ParseCron(expression->text).ok()) std::abort();
  return 0;
}

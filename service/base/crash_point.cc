#include "service/base/crash_point.h"

#include <atomic>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include <unistd.h>

namespace logexport {
namespace {

struct Armed {
  std::string name;
  std::atomic<int> passages_left{0};
};

Armed* FromEnvironment() {
  const char* text = std::getenv("LOGEXPORT_CRASH_POINT");
  if (text == nullptr || *text == '\0') return nullptr;
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  int passages = 1;
  if (!parts.second.empty() && !absl::SimpleAtoi(parts.second, &passages)) return nullptr;
  auto* const armed = new Armed{parts.first};
  armed->passages_left = passages;
  return armed;
}

}  // namespace

void CrashPoint(absl::string_view name) {
  static Armed* const armed = FromEnvironment();
  if (armed == nullptr || armed->name != name) return;
  if (--armed->passages_left == 0) _exit(kCrashPointExitStatus);
}

}  // namespace logexport

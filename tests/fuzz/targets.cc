#include "tests/fuzz/targets.h"

#include <cstdlib>
#include <iostream>

#include "absl/strings/escaping.h"

#include "service/base/utf8.h"

namespace logexport {
namespace {

absl::string_view current_input;

}  // namespace

const std::vector<FuzzTarget>& FuzzTargets() {
  static const auto* const kTargets =
      new std::vector<FuzzTarget>{{"config_file", FuzzConfigFile},
                                  {"config_update", FuzzConfigUpdate},
                                  {"connect_request", FuzzConnectRequest},
                                  {"cron", FuzzCron},
                                  {"environment", FuzzEnvironment},
                                  {"header_time", FuzzHeaderTime},
                                  {"log_page", FuzzLogPage},
                                  {"mapping", FuzzMapping},
                                  {"page_token", FuzzPageToken},
                                  {"segment_answer", FuzzSegmentAnswer},
                                  {"users", FuzzUsers}};
  return *kTargets;
}

void RunFuzzTarget(const FuzzTarget& target, absl::string_view input) {
  current_input = input;
  target.run(input);
}

void Promise(bool kept, const char* promise) {
  if (kept) return;
  std::cerr << "broken promise: " << promise << "\nby the input \"" << absl::CEscape(current_input)
            << "\"" << std::endl;
  std::abort();
}

void PromisePrintable(absl::string_view text, const char* promise) {
  bool printable = IsValidUtf8(text);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    printable = printable && byte >= 0x20 && byte != 0x7f;
  }
  if (!printable) std::cerr << absl::CEscape(text) << std::endl;
  Promise(printable, promise);
}

}  // namespace logexport

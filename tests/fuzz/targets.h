#ifndef LOGEXPORT_TESTS_FUZZ_TARGETS_H_
#define LOGEXPORT_TESTS_FUZZ_TARGETS_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace logexport {

// What takes text from outside. Each target feeds any bytes to it and ends the process when an
// answer breaks a promise that its header makes. libFuzzer drives them (./dev fuzz); the corpora
// in corpus/, to which every input that ever broke something is added, are replayed by fuzz_test.
void FuzzConfigFile(absl::string_view input);
void FuzzConfigUpdate(absl::string_view input);
void FuzzConnectRequest(absl::string_view input);
void FuzzCron(absl::string_view input);
void FuzzEnvironment(absl::string_view input);
void FuzzHeaderTime(absl::string_view input);
void FuzzLogPage(absl::string_view input);
void FuzzMapping(absl::string_view input);
void FuzzPageToken(absl::string_view input);
void FuzzSegmentAnswer(absl::string_view input);
void FuzzUsers(absl::string_view input);

struct FuzzTarget {
  const char* name;  // of its corpus, too
  void (*run)(absl::string_view input);
};
const std::vector<FuzzTarget>& FuzzTargets();
// Runs the target; the input is printed when a promise is broken.
void RunFuzzTarget(const FuzzTarget& target, absl::string_view input);

// For the targets: says which promise is broken, and aborts.
void Promise(bool kept, const char* promise);
// What is shown in terminals, logs and Slack must be printable UTF-8 without line breaks.
void PromisePrintable(absl::string_view text, const char* promise);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_FUZZ_TARGETS_H_

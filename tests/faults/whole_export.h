#ifndef LOGEXPORT_TESTS_FAULTS_WHOLE_EXPORT_H_
#define LOGEXPORT_TESTS_FAULTS_WHOLE_EXPORT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "service/export/components.h"
#include "service/export/export_run.h"
#include "service/export/settings.h"
#include "service/state/store.h"
#include "tests/faults/detour_transport.h"
#include "tests/sandbox/sandbox.h"
#include "tests/support/fake_clock.h"

namespace logexport {

// An exporter with everything real that a run consists of: the pipeline, the adapters to Auth0 and
// Segment, the curl transport over loopback, and a store in a file. Auth0 and Segment are a sandbox
// in this process, and the time is the test's: waits move the clock and end at once.
class WholeExport {
 public:
  // Some pages of logs, of the last day.
  static sandbox::SandboxOptions Tenant(std::size_t logs);

  explicit WholeExport(sandbox::SandboxOptions options);
  ~WholeExport();
  WholeExport(const WholeExport&) = delete;
  WholeExport& operator=(const WholeExport&) = delete;

  ExporterSettings settings;
  // Logs become visible behind the checkpoint, so that some may be missing there after a run.
  bool has_late_logs = false;
  // The adapters are made anew of `settings`, as after a change of the configuration.
  void Reconfigure();

  // Executes one run from the stored checkpoint, puts it on record as the service does and checks
  // what holds after every run, however it ended: the account is balanced, and nothing that the
  // checkpoint has passed is missing.
  RunRecord Run(const std::function<void(RunRecord&, ExporterSettings&)>& adjust = nullptr);
  // The same in a process that dies after so many operations of the store, so that nothing of the
  // run is recorded from then on; the next process takes the store over.
  void RunAndDie(RunKind kind, int operations);
  // Whether logs are due to be read again. Passes over what need not be, as the service does.
  bool StretchIsDue();
  std::optional<CompletenessRecord> completeness();
  // How many logs are remembered.
  std::int64_t remembered();
  // When the source told that there was nothing more, at the last run.
  std::optional<absl::Time> caught_up_at() const { return caught_up_at_; }

  sandbox::Sandbox& sandbox() { return *sandbox_; }
  FakeClock& clock() { return clock_; }
  DetourTransport& detours() { return *detours_; }
  Store& store() { return *store_; }

  ExporterRecord record();
  std::optional<absl::Duration> Lag();
  Checkpoint checkpoint();
  void SetCheckpoint(const Position& position);
  std::vector<DeadLetter> dead_letters();
  // Logs that Auth0 keeps, of which Segment has accepted nothing and of which there is no dead
  // letter either.
  std::vector<std::string> MissingLogs();

 private:
  void ExpectNothingLost(const RunRecord& run);
  void OpenStore();
  // Stores the run and makes ready what it needs.
  ExportRunInputs Prepare(const std::function<void(RunRecord&, ExporterSettings&)>& adjust);

  FakeClock clock_{FakeClock::Mode::kAutomatic};
  std::string directory_;
  std::unique_ptr<sandbox::Sandbox> sandbox_;
  std::unique_ptr<DetourTransport> detours_;
  // Before each operation of the store; empty for none.
  std::function<absl::Status(absl::string_view operation)> store_fault_;
  std::unique_ptr<Store> store_;
  std::shared_ptr<ExporterComponents> components_;
  std::optional<absl::Time> caught_up_at_;
  int runs_ = 0;
};

// The codes of a run's warnings.
std::vector<std::string> WarningsOf(const RunRecord& run);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_FAULTS_WHOLE_EXPORT_H_
